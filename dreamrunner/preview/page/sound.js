// Who speaks with which voice, what is played, and how one scene goes over into the next.

import { editable } from "./fields.js";

/* What holds in the whole story: the narrator's voice, and the music of scenes without their own. */
export function drawHeader(page) {
  const { narrator, music, voices } = page.board.sound;
  const save = (fact) => (value) => page.change({ do: "header", fact, value });
  return [
    editable(page, {
      key: "header:voice", label: "voice of the narrator", value: narrator, lines: false, known: voices, empty: "the usual one",
      shown: [narrator ? `narrated by ${narrator}` : "narrated by the usual voice"], save: save("voice"),
    }),
    editable(page, {
      key: "header:music", label: "music of all scenes without their own, a file and how loud", value: music, lines: false, empty: "none",
      shown: [music ? `music ${music}` : "no music"], save: save("music"),
    }),
  ];
}

/* The voice of somebody who can speak. */
export function drawVoice(page, scene, entity) {
  const { speakers, voices } = page.board.sound;
  if (!(entity in speakers)) return "";
  const voice = speakers[entity];
  const words = editable(page, {
    key: `voice:${scene.name}:${entity}`, label: `voice of ${entity}`, value: voice, lines: false, known: voices, empty: "the usual one",
    shown: [voice ? `voice ${voice}` : "usual voice"], save: (typed) => page.change({ do: "voice", entity, voice: typed }),
  });
  words.classList.add("soft");
  return words;
}

/* What is played in a scene. */
export function drawMusic(page, scene) {
  const { music, played } = page.board.sound;
  const own = played[scene.name] || "";
  return editable(page, {
    key: `music:${scene.name}`, label: `music of ${scene.name}, a file and how loud`, value: own, lines: false, empty: music ? "the story's" : "none",
    shown: [own ? `music ${own}` : music ? "the story's music" : "no music"],
    save: (value) => page.change({ do: "fact", scene: scene.name, fact: "music", value }),
  });
}

/* How a scene goes over into the next one. */
export function drawTransition(page, scene) {
  const { kind, seconds } = scene.transition;
  const value = kind === "cut" ? "cut" : `${kind} ${seconds}s`;
  return editable(page, {
    key: `transition:${scene.name}`, label: `transition of ${scene.name} (cut, fade, dissolve, and its seconds)`, value,
    known: ["cut", "fade 0.5s", "dissolve 0.5s"], lines: false, shown: [kind === "cut" ? "then a cut" : `then a ${kind} of ${seconds} s`],
    save: (typed) => page.change({ do: "fact", scene: scene.name, fact: "transition", value: typed.trim() }),
  });
}
