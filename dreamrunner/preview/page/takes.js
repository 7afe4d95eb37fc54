// The takes of a scene beside each other, with their marks.

import { button } from "./fields.js";
import { stateWords } from "./moving.js";

/* A figure for each take. One whose seed is not the scene's can give it that. */
export function drawTakes(page, scene) {
  if (scene.takes.length === 0) return [];
  const figures = scene.takes.map((take, number) => drawTake(page, scene, take, number));
  return [html("div", "takes", ...figures)];
}

function drawTake(page, scene, take, number) {
  const film = document.createElement("video");
  Object.assign(film, { muted: true, loop: true, playsInline: true, preload: "metadata", controls: true });
  film.src = `film/${encodeURIComponent(scene.name)}/${take.digest}#t=0.1`;
  film.setAttribute("aria-label", `take ${number + 1} of scene ${scene.name}`);
  const marks = Object.entries(take.marks).map(([name, value]) => html("li", "", `${name} ${Number(value.toFixed(2))}`));
  const parts = [film, html("figcaption", "", takeWords(take, number))];
  if (marks.length > 0) parts.push(html("ul", "marks", ...marks));
  if (take.seed !== null && take.seed !== scene.seed) {
    const title = `Give scene ${scene.name} the seed ${take.seed} of take ${number + 1}`;
    parts.push(button("Keep its seed", () => page.change({ do: "fact", scene: scene.name, fact: "seed", value: take.seed }),
      { key: `seed-of:${scene.name}:${number}`, title }));
  }
  const shown = take.digest === scene.filmed.digest ? " shown" : "";
  return html("figure", `take${shown}`, ...parts);
}

function takeWords(take, number) {
  const seed = take.seed === null ? "" : `, seed ${take.seed}`;
  return `Take ${number + 1}${seed}: ${stateWords(take.state)}`;
}
