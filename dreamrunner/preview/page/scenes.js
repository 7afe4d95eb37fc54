// The scenes: a strip of pictures of all, and a card for each; that of the scene that is shown has everything to edit.

import { button, editable, entry } from "./fields.js";
import { drawFills } from "./fills.js";
import { drawMessage } from "./messages.js";
import { stateWords } from "./moving.js";
import { drawMusic, drawTransition, drawVoice } from "./sound.js";
import { drawTakes } from "./takes.js";

/* The cards of all scenes, in the order of the text, each with the number of its scene in the board, if it is there. */
export function drawScenes(page) {
  const { board } = page;
  const numbers = new Map(board.scenes.map((scene, number) => [scene.name, number]));
  return board.outline.map((name, place) => {
    const number = numbers.get(name);
    const card = number === undefined ? drawBroken(page, name, place) : drawScene(page, board.scenes[number], number, place);
    return { number, card };
  });
}

/* The pictures of all scenes, in the order of the text. */
export function drawStrip(page) {
  const { board } = page;
  return board.outline.map((name, place) => {
    const number = board.scenes.findIndex((scene) => scene.name === name);
    const label = html("span", "", `${place + 1}. ${name}`);
    if (number < 0) {
      const who = (board.casts[name] || []).map((entity) => html("span", `swatch colour-${colourOf(board, entity)}`));
      return html("li", "broken", html("div", "thumb", html("div", "swatches", ...who), label));
    }
    const scene = board.scenes[number];
    const go = button("", () => page.show(page.starts[number]), {
      key: `show:${name}`, title: `Show scene ${name}`, classes: "thumb",
    });
    go.append(drawThumb(board, scene), label);
    const item = html("li", scene.filmed.state, go);
    if (name === page.shownScene) go.setAttribute("aria-current", "true");
    return item;
  });
}

function drawScene(page, scene, number, place) {
  const { board } = page;
  const state = html("span", `state ${scene.filmed.state}`, page.filming.tell(scene.name) || stateWords(scene.filmed.state));
  const head = html("div", "about", html("h2", "", `${place + 1}. ${scene.name}`, state), html("p", "soft", timing(scene)));
  const card = html("li", "scene", head, ...messagesOf(board, scene.name));
  if (page.shownScene === scene.name) card.append(...drawDetails(page, scene, place));
  else {
    const open = button("Edit", () => page.show(page.starts[number]), { key: `edit:${scene.name}`, title: `Edit scene ${scene.name}` });
    card.prepend(open);
    card.append(html("p", "short", ...drawTold(board, scene), mark(scene.by.narration)));
  }
  card.append(...fillsOf(page, scene.name));
  return card;
}

/* The picture of a scene in the middle of it: of its film, where there is one. */
function drawThumb(board, scene) {
  const picture = drawMoment(board, scene, scene.duration / 2);
  picture.setAttribute("aria-hidden", "true");
  if (!scene.filmed.digest) return picture;
  const film = document.createElement("video");
  Object.assign(film, { muted: true, playsInline: true, preload: "metadata", tabIndex: -1 });
  film.src = `film/${encodeURIComponent(scene.name)}/${scene.filmed.digest}#t=${scene.duration / 2}`;
  return film;
}

/* A scene that can't be planned as it is now: it keeps its number and the colours of who is in it. */
function drawBroken(page, name, place) {
  const { board } = page;
  const messages = messagesOf(board, name);
  const waits = `left to planner ${board.waiting}: dreamrunner plan asks it`;
  const why = messages.length > 0 ? "left out until it can be read" : waits;
  const who = (board.casts[name] || []).map((entity) =>
    html("li", `colour-${colourOf(board, entity)}`, html("span", "swatch"), entity));
  return html(
    "li", "scene broken", html("h2", "", `${place + 1}. ${name}`, html("span", "state", why)),
    html("ul", "legend", ...who), ...messages, drawOrder(page, name, place), ...fillsOf(page, name),
  );
}

function messagesOf(board, scene) {
  return board.diagnostics.filter((item) => item.scene === scene).map(drawMessage);
}

function fillsOf(page, name) {
  const fills = page.board.fills[name] || [];
  return fills.length > 0 ? [drawFills(page.board, name, fills, (fill) => page.takeFill(name, fill))] : [];
}

// What is edited

function drawDetails(page, scene, place) {
  return [
    html("p", "", told(page, scene), mark(scene.by.narration)),
    html("p", "soft", fact(page, scene, "background", scene.added, scene.background || "no background"), mark(scene.by.background)),
    html("div", "numbers", number(page, scene, "seed", scene.seed), drawDuration(page, scene),
      number(page, scene, "takes", String(scene.wanted)), drawSetting(page, scene), drawTransition(page, scene),
      drawMusic(page, scene)),
    drawFilming(page, scene),
    ...drawTakes(page, scene),
    drawCast(page, scene),
    html("ul", "beats", ...scene.beats.map((beat, index) => drawBeat(page, scene, beat, index))),
    drawOrder(page, scene.name, place),
  ];
}

function told(page, scene) {
  return editable(page, {
    key: `narration:${scene.name}`, label: `narration of ${scene.name}`, value: scene.narration,
    by: scene.by.narration, shown: scene.narration ? drawTold(page.board, scene) : ["no narration"],
    save: (value) => page.change({ do: "fact", scene: scene.name, fact: "narration", value }),
  });
}

function fact(page, scene, name, value, shown) {
  return editable(page, {
    key: `${name}:${scene.name}`, label: `${name} of ${scene.name}`, value, shown: [shown],
    by: scene.by[name], save: (value) => page.change({ do: "fact", scene: scene.name, fact: name, value }),
  });
}

/* How long a scene lasts: so many seconds, or as its words do. */
function drawDuration(page, scene) {
  return scene.auto ? number(page, scene, "duration", "auto", `, ${seconds(scene.duration)}`) : number(page, scene, "duration", String(scene.duration), " s");
}

function number(page, scene, name, value, unit = "") {
  const field = editable(page, {
    key: `${name}:${scene.name}`, label: `${name} of ${scene.name}`, value, shown: [`${name} ${value}${unit}`], lines: false,
    by: scene.by[name] || "", save: (typed) => page.change({ do: "fact", scene: scene.name, fact: name, value: asNumber(name, typed.trim()) }),
  });
  return html("span", "", field, scene.by[name] ? mark(scene.by[name]) : "");
}

function asNumber(name, typed) {
  if (typed === "") return null;
  const value = Number(typed.replace(/\s*s$/, ""));
  return name === "duration" && Number.isFinite(value) ? value : typed;
}

/* Where a scene is, for a story that has locations. */
function drawSetting(page, scene) {
  if (page.board.places.length === 0) return "";
  return editable(page, {
    key: `in:${scene.name}`, label: `location of ${scene.name} (${page.board.places.join(", ")})`, value: scene.setting, lines: false,
    shown: [scene.setting ? `in ${scene.setting}` : "in no location"], by: "",
    save: (typed) => page.change({ do: "fact", scene: scene.name, fact: "in", value: typed.trim() }),
  });
}

function drawFilming(page, scene) {
  if (!page.board.films) return "";
  const film = button(scene.takes.length > 0 ? "Film again" : "Film this scene", () => page.filming.start(scene), {
    key: `film:${scene.name}`, title: `Film scene ${scene.name}`,
  });
  const other = button("Film another take", () => page.filming.start(scene, Math.floor(Math.random() * 2 ** 31)), {
    key: `retake:${scene.name}`, title: `Film another take of scene ${scene.name}, with another seed`,
  });
  return html("div", "deeds", film, scene.takes.length > 0 ? other : "");
}

function drawCast(page, scene) {
  const who = [...new Set(scene.beats.map((beat) => beat.entity))];
  const members = who.map((entity) => html(
    "li", `colour-${colourOf(page.board, entity)}`, html("span", "swatch"),
    editable(page, {
      key: `name:${scene.name}:${entity}`, label: `who ${entity} is in ${scene.name}`, value: entity, shown: [entity], lines: false, by: "",
      save: (to) => page.change({ do: "rename", scene: scene.name, entity, to: to.trim() }),
    }),
    drawVoice(page, scene, entity),
    button("×", () => page.change({ do: "remove", scene: scene.name, entity }), {
      key: `remove:${scene.name}:${entity}`, title: `Remove ${entity} from scene ${scene.name}`, classes: "small",
    }),
  ));
  const add = entry({
    key: `add:${scene.name}`, label: "somebody more", action: "Add", known: page.board.known.filter((name) => !who.includes(name)),
    does: (entity) => page.change({ do: "add", scene: scene.name, entity }),
  });
  return html("ul", "legend members", ...members, html("li", "", add));
}

function drawBeat(page, scene, beat, index) {
  const { name } = scene;
  const change = (what) => page.change({ scene: name, beat: index, ...what });
  const head = html("div", "", html("strong", "", beat.entity), mark(beat.by.entity));
  if (beat.motion !== null) {
    head.append(" ", editable(page, {
      key: `motion:${name}:${index}`, label: `motion of ${beat.entity}`, value: beat.motion, lines: false, by: beat.by.motion,
      shown: [beat.motion.replace(/[-_]/g, " ") || "a motion"],
      save: (motion) => change({ do: "act", motion: motion.trim().replace(/\s+/g, "-") }),
    }), mark(beat.by.motion));
  }
  head.append(` ${seconds(beat.start)} to ${seconds(beat.end)}`, mark(beat.by.span));
  const words = beat.words ? [html("div", "soft", "from ", html("q", "told", beat.words))] : [];
  const frames = beat.keyframes.length === 1 ? "1 key frame" : `${beat.keyframes.length} key frames`;
  return html(
    "li", `colour-${colourOf(page.board, beat.entity)}`, head,
    html("div", "", editable(page, {
      key: `description:${name}:${index}`, label: `description of ${beat.entity}`, value: beat.description,
      by: beat.by.description, shown: [beat.description], save: (text) => change({ do: "describe", text }),
    }), mark(beat.by.description)),
    ...drawSayings(beat, name, index, page, change), ...words, html("div", "soft", frames, mark(beat.by.keyframes)),
  );
}

/* What is said in a beat, and room for one line more where somebody can speak. */
function drawSayings(beat, name, index, page, change) {
  const lines = beat.says.map((line, number) => html("div", "says", editable(page, {
    key: `say:${name}:${index}:${number}`, label: `what ${beat.entity} says`, value: line.text,
    shown: [`“${line.text}”`, line.at === null ? "" : ` at ${seconds(line.at)}`],
    save: (text) => change({ do: "say", number, text }),
  })));
  if (beat.motion === null) return lines;
  const more = editable(page, {
    key: `say:${name}:${index}:new`, label: `what ${beat.entity} says`, value: "", shown: ["says …"],
    save: (text) => change({ do: "say", number: beat.says.length, text }),
  });
  more.classList.add("soft");
  return [...lines, more];
}

/* Where a scene stands, and a new one behind it. */
function drawOrder(page, name, place) {
  const { outline } = page.board;
  const move = (before) => page.change({ do: "move-scene", scene: name, before });
  const up = button("Up", () => move(outline[place - 1]), { key: `up:${name}`, title: `Move scene ${name} up` });
  const down = button("Down", () => move(outline[place + 2] || ""), { key: `down:${name}`, title: `Move scene ${name} down` });
  up.disabled = place === 0;
  down.disabled = place === outline.length - 1;
  const drop = button("Delete", () => page.change({ do: "delete-scene", scene: name }), {
    key: `delete:${name}`, title: `Delete scene ${name}`,
  });
  return html("div", "deeds", up, down, drop, newScene(page, name));
}

/* A field for a new scene, behind another one. */
export function newScene(page, after) {
  return entry({
    key: `new:${after}`, label: "name of a new scene", action: "Add scene",
    does: (typed) => {
      const name = typed.replace(/\s+/g, "-");
      page.change({ do: "add-scene", name, after, narration: "" }, name);
    },
  });
}
