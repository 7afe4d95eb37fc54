"use strict";
// The live page: a player whose board comes anew on every save, and whose boxes can be moved.

const NUDGE = 0.01; // of the frame: how far an arrow key moves a box
const PAUSE = 500; // milliseconds after the last arrow key until a move is written

class Preview extends Player {
  constructor() {
    super({ title: "", style: "", planner: "", aspect: 1.5, cast: [], origins: [], scenes: [], diagnostics: [], outline: [], fills: {} });
    this.chosen = null; // the name of whose box is to be moved
    this.draft = null; // a beat on its way into the text: { scene, beat, at, made }
    this.drag = null; // a move of the pointer: { from, box, corner }
    this.waiting = null; // the board that came during a move
    this.withFilm = true;
    this.handle();
    this.connect();
    document.addEventListener("visibilitychange", () => this.connect());
  }

  /* Boards come as long as somebody looks: a browser keeps few connections to one server. */
  connect() {
    if (document.hidden) {
      if (this.events) this.events.close();
      this.events = null;
    } else if (!this.events) {
      this.events = new EventSource("events");
      this.events.onmessage = (event) => this.arrive(JSON.parse(event.data));
      this.events.onopen = () => this.tellLink("");
      this.events.onerror = () => this.tellLink("Not connected: dreamrunner preview has ended, or is not answering.");
    }
  }

  tellLink(words, wrong = true) {
    byId("link").textContent = words;
    byId("link").hidden = !words;
    byId("link").classList.toggle("wrong", wrong);
  }

  arrive(board) {
    if (this.drag || (this.draft && this.draft.timer)) {
      this.waiting = board;
      return;
    }
    this.waiting = null;
    this.draft = null;
    this.take(board);
  }

  take(board) {
    document.title = `${board.title} · preview`;
    super.take(board);
    byId("player").hidden = board.scenes.length === 0;
  }

  // Telling

  tellMessages() {
    const own = this.board.diagnostics.filter((item) => !item.scene);
    const inScenes = [...new Set(this.board.diagnostics.map((item) => item.scene).filter(Boolean))];
    const pointer = inScenes.length > 0 ? [html("p", "soft", `See also the messages in ${inScenes.join(", ")}.`)] : [];
    byId("messages").hidden = own.length === 0 && pointer.length === 0;
    byId("messages").replaceChildren(...own.map(drawMessage), ...pointer);
  }

  listScenes() {
    const numbers = new Map(this.board.scenes.map((scene, number) => [scene.name, number]));
    this.cards = [];
    byId("scenes").replaceChildren(...this.board.outline.map((name) => {
      const number = numbers.get(name);
      if (number === undefined) return this.drawBroken(name);
      this.cards[number] = this.drawCard(this.board.scenes[number], number);
      return this.cards[number];
    }));
  }

  drawCard(scene, number) {
    const card = super.drawCard(scene, number);
    const state = html("span", `state ${scene.filmed.state}`, stateWords(scene.filmed.state));
    card.querySelector("h2").append(state);
    card.querySelector("h2").after(...this.messagesOf(scene.name), ...this.fillsOf(scene.name));
    return card;
  }

  /* A scene that can't be planned as it is now. */
  drawBroken(name) {
    const messages = this.messagesOf(name);
    const waits = `left to planner ${this.board.waiting}: dreamrunner plan asks it`;
    const why = messages.length > 0 ? "left out until it can be read" : waits;
    const head = html("h2", "", name, html("span", "state", why));
    return html("li", "scene broken", head, ...messages, ...this.fillsOf(name));
  }

  /* The fills that one can be taken of. */
  fillsOf(name) {
    const fills = this.board.fills[name] || [];
    return fills.length > 0 ? [drawFills(this.board, name, fills, (fill) => this.takeFill(name, fill))] : [];
  }

  async takeFill(scene, fill) {
    const { told, wrong } = await post("take", { scene, fill });
    this.tellLink(wrong ? `Not taken: ${wrong}.` : `Taken: ${told.file}, line ${told.line}.`, wrong !== "");
  }

  messagesOf(scene) {
    return this.board.diagnostics.filter((item) => item.scene === scene).map(drawMessage);
  }

  // Showing

  show(time) {
    super.show(time);
    const { scene, time: moment } = this.place();
    if (!scene) return;
    this.showFilm(scene, moment);
    this.showTools(scene, moment);
  }

  place() {
    const place = placeOf(this.starts, this.time);
    const scene = this.board.scenes[place.number];
    return { ...place, scene, time: scene ? Math.min(place.time, scene.duration - 1e-6) : 0 };
  }

  drawStage(scene, moment) {
    const shown = this.draft && this.draft.scene === scene.name ? withBeat(scene, this.draft.beat, this.draft.made) : scene;
    const picture = drawMoment(this.board, shown, moment);
    const target = this.target(shown, moment);
    if (target) {
      const group = picture.querySelector(`[data-beat="${target.number}"]`);
      group.classList.add("chosen");
      picture.append(group, ...this.drawCorners(target.beat, target.box));
    }
    byId("drawing").replaceChildren(picture);
  }

  /* The chosen one's beat at a moment, with its number in the scene and its box. */
  target(scene, moment) {
    const found = present(scene, moment).find(({ beat }) => beat.entity === this.chosen);
    return found && { ...found, number: scene.beats.indexOf(found.beat) };
  }

  drawCorners(beat, box) {
    const high = WIDE / this.board.aspect;
    return ["nw", "ne", "sw", "se"].map((corner) => {
      const cx = box[corner.includes("w") ? 0 : 2] * WIDE, cy = box[corner.includes("n") ? 1 : 3] * high;
      return svg(
        "g", { class: `colour-${colourOf(this.board, beat.entity)}`, "data-corner": corner },
        svg("circle", { class: "corner", cx, cy, r: 1.4 }), svg("circle", { class: "grip", cx, cy, r: 4 }),
      );
    });
  }

  showFilm(scene, moment) {
    const film = byId("film");
    const there = scene.filmed.digest !== "";
    const on = there && this.withFilm;
    byId("filmed").hidden = !there;
    byId("filmed").setAttribute("aria-pressed", String(this.withFilm));
    byId("stage").classList.toggle("filmed", on);
    film.hidden = !on;
    if (!on) return;
    const source = `film/${encodeURIComponent(scene.name)}/${scene.filmed.digest}`;
    if (film.getAttribute("src") !== source) {
      film.setAttribute("src", source);
      film.onloadeddata = () => this.showFilm(this.place().scene, this.place().time);
      film.onseeked = film.onloadeddata;
      return;
    }
    // While one moment is being looked for, the next one waits; the last one asked for is always reached.
    if (film.readyState < 1 || film.seeking) return;
    const wanted = Math.min(moment, Math.max(0, film.duration - 0.01));
    if (Math.abs(film.currentTime - wanted) > 0.01) film.currentTime = wanted;
  }

  showTools(scene, moment) {
    const there = present(scene, moment).map(({ beat }) => beat.entity);
    const names = [...new Set(scene.beats.map((beat) => beat.entity))];
    const wanted = names.join("\n");
    if (this.listed !== wanted) {
      this.listed = wanted;
      byId("who").replaceChildren(...names.map((name, index) => {
        const button = html("button", "", name);
        button.type = "button";
        if (index < 9) button.title = `key ${index + 1}`;
        button.addEventListener("click", () => this.choose(this.chosen === name ? null : name));
        return button;
      }));
    }
    [...byId("who").children].forEach((button, index) => {
      button.className = `colour-${colourOf(this.board, names[index])}`;
      button.disabled = !there.includes(names[index]);
      button.setAttribute("aria-pressed", String(names[index] === this.chosen));
    });
    byId("keyframe").disabled = !there.includes(this.chosen);
  }

  say(words, wrong = false) {
    byId("said").textContent = words;
    byId("said").classList.toggle("wrong", wrong);
  }

  // Moving

  choose(name) {
    this.chosen = name;
    this.show(this.time);
    if (name) this.tellWhere();
    else this.say("");
  }

  tellWhere() {
    const { scene, time } = this.place();
    const target = this.target(scene, time);
    if (!target) {
      this.say(`${this.chosen} is not there at this moment.`);
      return;
    }
    const at = timeOfMove(target.beat, time, false);
    const known = target.beat.keyframes.some((frame) => frame[0] === at);
    this.say(`${this.chosen}: a move ${known ? "changes" : "adds"} the key frame at ${seconds(at)}.`);
  }

  /* Show the chosen box elsewhere, on its way into the text. */
  sketch(change, fresh = false) {
    const { scene, time } = this.place();
    const shown = this.draft && this.draft.scene === scene.name ? withBeat(scene, this.draft.beat, this.draft.made) : scene;
    const target = this.target(shown, time);
    if (!target) return false;
    const seen = scene.beats[target.number];
    const at = timeOfMove(seen, time, fresh);
    if (this.draft && this.draft.timer && (this.draft.beat !== target.number || this.draft.at !== at)) this.send();
    const box = change(target.box).map(tidy);
    const timer = this.draft && this.draft.timer;
    this.draft = { scene: scene.name, beat: target.number, at, box, seen, made: withKeyframe(seen, at, box), timer };
    this.show(this.time);
    const edges = box.map((edge) => edge.toFixed(2)).join(" ");
    this.say(`${seen.entity} at ${seconds(at)}: ${edges}`);
    return true;
  }

  /* Write what was sketched. */
  async send() {
    const { draft } = this;
    if (!draft) return;
    clearTimeout(draft.timer);
    draft.timer = null;
    const { scene, beat, at, box } = draft;
    const move = { scene, beat, at, box, seen: seenOf(this.lastSeen(draft)) };
    const { told, wrong } = await post("move", move);
    if (!wrong) {
      this.written = draft;
      this.say(`Written: ${told.file}, line ${told.line}.`);
    }
    if (wrong) this.say(`Not written: ${wrong}.`, true);
    if (this.draft !== draft) return;
    if (wrong) this.draft = null;
    if (this.waiting) this.arrive(this.waiting);
    else this.show(this.time);
  }

  /* The beat that a draft was made from; its newest form where only the page itself has changed it since. */
  lastSeen(draft) {
    const { written } = this;
    if (!written || written.scene !== draft.scene || written.beat !== draft.beat) return draft.seen;
    const scene = (this.waiting || this.board).scenes.find((each) => each.name === draft.scene);
    const now = scene && scene.beats[draft.beat];
    const own = now && JSON.stringify(now.keyframes) === JSON.stringify(written.made.keyframes);
    return own ? now : draft.seen;
  }

  /* Where a pointer is, in parts of the frame. */
  pointAt(event) {
    const matrix = byId("drawing").firstChild.getScreenCTM();
    return [
      (event.clientX - matrix.e) / matrix.a / WIDE,
      ((event.clientY - matrix.f) / matrix.d / WIDE) * this.board.aspect,
    ];
  }

  grab(event) {
    const group = event.target.closest("[data-beat]");
    const corner = event.target.closest("[data-corner]");
    if (event.button !== 0 || (!group && !corner)) return;
    event.preventDefault();
    this.play(false);
    byId("stage").focus({ preventScroll: true });
    const { scene, time } = this.place();
    if (!corner) this.choose(scene.beats[Number(group.dataset.beat)].entity);
    const target = this.target(scene, time);
    if (!target) return;
    byId("stage").setPointerCapture(event.pointerId);
    this.drag = { from: this.pointAt(event), box: target.box, corner: corner && corner.dataset.corner, moved: false };
  }

  pull(event) {
    const { drag } = this;
    if (!drag) return;
    const point = this.pointAt(event);
    const right = point[0] - drag.from[0], down = point[1] - drag.from[1];
    if (!drag.moved && Math.hypot(right, down) < NUDGE / 2) return;
    drag.moved = true;
    this.sketch(() => (drag.corner ? sizeBox(drag.box, drag.corner, right, down) : moveBox(drag.box, right, down)));
  }

  release(written) {
    const { drag } = this;
    this.drag = null;
    if (!drag) return;
    if (written && drag.moved) {
      this.send();
      return;
    }
    this.draft = null;
    if (this.waiting) this.arrive(this.waiting);
    else this.show(this.time);
  }

  /* Move or size the chosen box by an arrow key; what several keys do in a row is written together. */
  nudge(event) {
    const way = { ArrowLeft: [-NUDGE, 0], ArrowRight: [NUDGE, 0], ArrowUp: [0, -NUDGE], ArrowDown: [0, NUDGE] }[event.key];
    this.play(false);
    if (!this.sketch((box) => (event.shiftKey ? sizeBox(box, "se", ...way) : moveBox(box, ...way)))) return;
    clearTimeout(this.draft.timer);
    this.draft.timer = setTimeout(() => this.send(), PAUSE);
  }

  /* Write at once what waits for more keys. */
  flush() {
    if (this.draft && this.draft.timer) this.send();
  }

  setKeyframe() {
    this.play(false);
    if (this.sketch((box) => box, true)) this.send();
  }

  letGo() {
    if (this.draft) clearTimeout(this.draft.timer);
    this.draft = null;
    this.release(false);
    this.choose(null);
    if (this.waiting) this.arrive(this.waiting);
  }

  handle() {
    const stage = byId("stage");
    stage.addEventListener("pointerdown", (event) => this.grab(event));
    stage.addEventListener("pointermove", (event) => this.pull(event));
    stage.addEventListener("pointerup", () => this.release(true));
    stage.addEventListener("pointercancel", () => this.release(false));
    byId("keyframe").addEventListener("click", () => this.setKeyframe());
    byId("filmed").addEventListener("click", () => {
      this.withFilm = !this.withFilm;
      this.show(this.time);
    });
    window.addEventListener("pagehide", () => this.flush());
    // Before the player's own keys: while a box is chosen, arrows are for it.
    document.addEventListener("keydown", (event) => this.press(event), { capture: true });
  }

  press(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const inTime = event.target === byId("time");
    const entities = [...byId("who").children];
    let done = true;
    if (/^[1-9]$/.test(event.key) && entities[Number(event.key) - 1]) {
      const button = entities[Number(event.key) - 1];
      if (!button.disabled) this.choose(button.textContent);
      byId("stage").focus({ preventScroll: true });
    } else if (event.key === "Escape") this.letGo();
    else if (this.chosen && !inTime && event.key.startsWith("Arrow")) this.nudge(event);
    else if (this.chosen && (event.key === "k" || event.key === "K")) this.setKeyframe();
    else if (event.key === "Enter" && this.draft && this.draft.timer) this.flush();
    else if (event.key === "," || event.key === ".") {
      this.flush();
      this.show(this.time + (event.key === "," ? -STEP : STEP));
    } else done = false;
    if (!done) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }
}

/* A diagnostic with its line of the text. */
function drawMessage(item) {
  const parts = [html("p", "", html("strong", "", item.severity), ` ${item.where}: ${item.message}`)];
  if (item.source.trim()) {
    const [start, end] = item.marked;
    parts.push(html(
      "pre", "", item.source.slice(0, start), html("mark", "", item.source.slice(start, end)), item.source.slice(end),
    ));
  }
  if (item.help) parts.push(html("p", "soft", item.help));
  return html("div", `message ${item.severity}`, ...parts);
}

new Preview();
