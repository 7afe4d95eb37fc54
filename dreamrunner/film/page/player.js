"use strict";
// A player over all scenes of a board, and under it the scenes one by one. It can be given another board at any time.

const STEP = 0.25; // seconds that an arrow key goes
const byId = (id) => document.getElementById(id);

class Player {
  constructor(board) {
    this.time = 0;
    this.left = null; // the scene and its moment that went away while they were shown
    this.last = null; // when the picture before this one was drawn, while playing
    this.listen();
    this.take(board);
  }

  /* Show a board, at the moment of the scene that was shown of the one before it, or last shown where that went away. */
  take(board) {
    const place = this.board && placeOf(this.starts, this.time);
    const scene = place && this.board.scenes[place.number];
    this.board = board;
    this.starts = startTimes(board);
    this.end = this.starts[this.starts.length - 1];
    this.tell();
    this.listScenes();
    const stayed = this.left && this.left.instead === this.time;
    const wanted = stayed ? this.left : scene && { name: scene.name, time: place.time };
    const number = wanted ? board.scenes.findIndex((each) => each.name === wanted.name) : -1;
    this.show(number < 0 ? this.time : this.starts[number] + Math.min(wanted.time, board.scenes[number].duration));
    this.left = wanted && number < 0 ? { ...wanted, instead: this.time } : null;
  }

  tell() {
    const { board } = this;
    byId("title").textContent = board.title;
    const count = `${board.scenes.length} scene${board.scenes.length === 1 ? "" : "s"}`;
    byId("about").textContent = [count, seconds(this.end), board.style, `planner ${board.planner}`].filter(Boolean).join(" · ");
    byId("cast").replaceChildren(...board.cast.map((member, index) => {
      const item = html("li", `colour-${index % 8}`, html("span", "swatch"), member.name);
      if (member.looks) item.title = member.looks;
      return item;
    }));
    this.tellOrigins();
    this.tellMessages();
  }

  tellOrigins() {
    const told = { hand: "a fill edited by hand", offline: "filled by the offline planner" };
    byId("origins").replaceChildren(
      ...this.board.origins.map((by) =>
        by === "author"
          ? html("li", "", "without a mark: written in the story")
          : html("li", "", mark(by), told[by] || "filled by a chat model")),
    );
  }

  tellMessages() {
    byId("messages").hidden = this.board.diagnostics.length === 0;
    byId("messages").replaceChildren(...this.board.diagnostics.map((item) =>
      html("p", "", html("strong", "", item.severity), ` ${item.where}: ${item.message}`, item.help ? `; ${item.help}` : "")));
  }

  listScenes() {
    this.cards = this.board.scenes.map((scene, number) => this.drawCard(scene, number));
    byId("scenes").replaceChildren(...this.cards);
  }

  drawCard(scene, number) {
    const go = html("button", "", "Show");
    go.type = "button";
    go.setAttribute("aria-label", `Show scene ${scene.name}`);
    go.addEventListener("click", () => this.show(this.starts[number]));
    const timeline = drawTimeline(this.board, scene);
    timeline.addEventListener("click", (event) => {
      const frame = timeline.getBoundingClientRect();
      const share = Math.min(0.999, Math.max(0, (event.clientX - frame.left) / frame.width));
      this.show(this.starts[number] + share * scene.duration);
    });
    return html(
      "li", "scene", go, html("h2", "", `${number + 1}. ${scene.name}`), html("p", "soft", timing(scene)),
      html("p", "", ...drawTold(this.board, scene), mark(scene.by.narration)),
      html("p", "soft", scene.background, mark(scene.by.background)), timeline,
      html("ul", "beats", ...scene.beats.map((beat) => this.drawBeat(beat))),
    );
  }

  drawBeat(beat) {
    const head = html("div", "", html("strong", "", beat.entity), mark(beat.by.entity));
    if (beat.motion) head.append(` ${beat.motion.replace(/[-_]/g, " ")}`, mark(beat.by.motion));
    head.append(` ${seconds(beat.start)} to ${seconds(beat.end)}`, mark(beat.by.span));
    const words = beat.words ? [html("div", "soft", "from ", html("q", "told", beat.words))] : [];
    const frames = beat.keyframes.length === 1 ? "1 key frame" : `${beat.keyframes.length} key frames`;
    return html(
      "li", `colour-${colourOf(this.board, beat.entity)}`, head,
      html("div", "", beat.description, mark(beat.by.description)), ...words,
      html("div", "soft", frames, mark(beat.by.keyframes)),
    );
  }

  /* Go to a time of the whole board. */
  show(time) {
    const { board, starts } = this;
    this.time = Math.min(this.end, Math.max(0, time));
    const place = placeOf(starts, this.time);
    const scene = board.scenes[place.number];
    byId("time").max = this.end;
    byId("time").value = this.time;
    if (!scene) return;
    // The last moment of a scene shows what was there just before it ended.
    const moment = Math.min(place.time, scene.duration - 1e-6);
    this.drawStage(scene, moment);
    const told = `${scene.name}, ${place.time.toFixed(2)} s`;
    byId("clock").textContent = told;
    byId("time").setAttribute("aria-valuetext", `scene ${told}`);
    byId("narration").replaceChildren(...drawTold(board, scene, moment), mark(scene.by.narration));
    byId("background").replaceChildren(scene.background, mark(scene.by.background));
    this.markCards(place.number, moment / scene.duration);
  }

  /* Say in the list which scene is shown, and how far it is, as a share of it. */
  markCards(shown, share) {
    this.cards.forEach((card, number) => {
      const head = card.querySelector(".head");
      card.classList.toggle("current", number === shown);
      head.hidden = number !== shown;
      if (!head.hidden) head.style.left = `${100 * share}%`;
    });
  }

  drawStage(scene, moment) {
    byId("stage").replaceChildren(drawMoment(this.board, scene, moment));
  }

  get playing() {
    return this.last !== null;
  }

  play(on) {
    if (on === this.playing) return;
    byId("play").textContent = on ? "Stop" : "Play";
    byId("play").setAttribute("aria-pressed", String(on));
    this.last = on ? performance.now() : null;
    if (on && this.time >= this.end) this.show(0);
    if (on) requestAnimationFrame((now) => this.tick(now));
  }

  tick(now) {
    if (!this.playing) return;
    this.show(this.time + Math.max(0, now - this.last) / 1000);
    this.last = now;
    if (this.time >= this.end) this.play(false);
    else requestAnimationFrame((later) => this.tick(later));
  }

  /* Go so many scenes on or back; back first goes to the begin of this one. */
  skip(scenes) {
    const place = placeOf(this.starts, this.time);
    const back = scenes < 0 && place.time > STEP ? 0 : scenes;
    this.show(this.starts[Math.min(this.board.scenes.length - 1, Math.max(0, place.number + back))]);
  }

  listen() {
    byId("play").addEventListener("click", () => this.play(!this.playing));
    byId("time").addEventListener("input", () => this.show(Number(byId("time").value)));
    const keys = {
      " ": () => this.play(!this.playing),
      ArrowLeft: () => this.show(this.time - STEP),
      ArrowRight: () => this.show(this.time + STEP),
      p: () => this.skip(-1),
      n: () => this.skip(1),
    };
    document.addEventListener("keydown", (event) => {
      const pressed = event.key === " " && event.target.closest && event.target.closest("button, summary");
      const typed = event.target.closest && event.target.closest("textarea, select, input:not([type=range])");
      if (!keys[event.key] || pressed || typed || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      keys[event.key]();
    });
  }
}

function timing(scene) {
  const { kind, seconds: length } = scene.transition;
  const parts = [seconds(scene.duration), kind === "cut" ? "" : `then ${kind} ${seconds(length)}`, scene.camera];
  return parts.filter(Boolean).join(", ");
}
