// Two planners' fills of a scene beside each other, of which a click takes one.

/* A scene's fills; `take` is called with the number of one, from 0, when it is chosen. */
export function drawFills(board, name, fills, take) {
  return html("div", "fills", ...fills.map((fill, number) => drawFill(board, name, fill, () => take(number))));
}

function drawFill(board, name, fill, take) {
  if (!fill.scene) return html("section", "fill", html("h3", "", fill.planner), html("p", "soft", fill.failure));
  const button = html("button", "", fill.taken ? "Taken" : "Take");
  button.type = "button";
  button.disabled = fill.taken;
  button.setAttribute("aria-label", `Take the fill of scene ${name} by ${fill.planner}`);
  button.addEventListener("click", take);
  const pictures = [0, fill.scene.duration / 2, fill.scene.duration - 1e-6].map((time) => drawMoment(board, fill.scene, time));
  const facts = ["background", "narration"].filter((fact) => fill.scene.by[fact] !== "author");
  return html(
    "section", "fill", html("h3", "", fill.planner, button), html("div", "moments", ...pictures),
    ...facts.map((fact) => html("p", fact === "background" ? "soft" : "", fill.scene[fact])),
    html("ul", "beats", ...fill.scene.beats.map((beat) => drawFilledBeat(board, beat))),
  );
}

function drawFilledBeat(board, beat) {
  return html(
    "li", `colour-${colourOf(board, beat.entity)}`,
    html("div", "", html("strong", "", nameOf(beat)), ` ${seconds(beat.start)} to ${seconds(beat.end)}`),
    html("div", "soft", beat.description),
  );
}
