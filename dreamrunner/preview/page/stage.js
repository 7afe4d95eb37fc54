// The picture: whose box is chosen, and boxes that are moved in it by pointer or keys, on their way into the text.

import { moveBox, seenOf, sizeBox, tidy, timeOfMove, withBeat, withKeyframe } from "./moving.js";
import { post } from "./sending.js";

const NUDGE = 0.01; // of the frame: how far an arrow key moves a box
const PAUSE = 500; // milliseconds after the last arrow key until a move is written

export class Stage {
  constructor(page) {
    this.page = page;
    this.chosen = null; // the name of whose box is to be moved
    this.draft = null; // a beat on its way into the text: { scene, beat, at, made }
    this.drag = null; // a move of the pointer: { from, box, corner }
    this.handle();
  }

  /* Whether something is on its way, that a new board would take away. */
  get busy() {
    return this.drag !== null || Boolean(this.draft && this.draft.timer);
  }

  draw(scene, moment) {
    const shown = this.draft && this.draft.scene === scene.name ? withBeat(scene, this.draft.beat, this.draft.made) : scene;
    const picture = drawMoment(this.page.board, shown, moment, this.margin(scene));
    const target = this.target(shown, moment);
    if (target) {
      const group = picture.querySelector(`[data-beat="${target.number}"]`);
      group.classList.add("chosen");
      picture.append(group, ...this.drawCorners(target.beat, target.box));
    }
    byId("drawing").replaceChildren(picture);
  }

  /* The margin round the frame, which stays as it is while a box is dragged. */
  margin(scene) {
    return this.drag ? this.drag.margin : marginOf(scene);
  }

  /* The chosen one's beat at a moment, with its number in the scene and its box. */
  target(scene, moment) {
    const found = present(scene, moment).find(({ beat }) => beat.entity === this.chosen);
    return found && { ...found, number: scene.beats.indexOf(found.beat) };
  }

  drawCorners(beat, box) {
    const high = WIDE / this.page.board.aspect;
    return ["nw", "ne", "sw", "se"].map((corner) => {
      const cx = box[corner.includes("w") ? 0 : 2] * WIDE, cy = box[corner.includes("n") ? 1 : 3] * high;
      return svg(
        "g", { class: `colour-${colourOf(this.page.board, beat.entity)}`, "data-corner": corner },
        svg("circle", { class: "corner", cx, cy, r: 1.4 }), svg("circle", { class: "grip", cx, cy, r: 4 }),
      );
    });
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
      button.className = `colour-${colourOf(this.page.board, names[index])}`;
      button.disabled = !there.includes(names[index]);
      button.setAttribute("aria-pressed", String(names[index] === this.chosen));
    });
    byId("keyframe").disabled = !there.includes(this.chosen);
  }

  // Moving

  choose(name) {
    this.chosen = name;
    this.page.show(this.page.time);
    if (name) this.tellWhere();
    else this.page.say("");
  }

  tellWhere() {
    const { scene, time } = this.page.place();
    const target = this.target(scene, time);
    if (!target) {
      this.page.say(`${this.chosen} is not there at this moment.`);
      return;
    }
    const at = timeOfMove(target.beat, time, false);
    const known = target.beat.keyframes.some((frame) => frame[0] === at);
    const { words } = scene.beats[target.number];
    const from = words ? ` It came from “${words}”.` : "";
    this.page.say(`${this.chosen}: a move ${known ? "changes" : "adds"} the key frame at ${seconds(at)}.${from}`);
  }

  /* Show the chosen box elsewhere, on its way into the text. */
  sketch(change, fresh = false) {
    const { scene, time } = this.page.place();
    const shown = this.draft && this.draft.scene === scene.name ? withBeat(scene, this.draft.beat, this.draft.made) : scene;
    const target = this.target(shown, time);
    if (!target) return false;
    const seen = scene.beats[target.number];
    const at = timeOfMove(seen, time, fresh);
    if (this.draft && this.draft.timer && (this.draft.beat !== target.number || this.draft.at !== at)) this.send();
    const box = change(target.box).map(tidy);
    const timer = this.draft && this.draft.timer;
    this.draft = { scene: scene.name, beat: target.number, at, box, seen, made: withKeyframe(seen, at, box), timer };
    this.page.show(this.page.time);
    const edges = box.map((edge) => edge.toFixed(2)).join(" ");
    this.page.say(`${seen.entity} at ${seconds(at)}: ${edges}`);
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
      this.page.say(`Written: ${told.file}, line ${told.line}.`);
    }
    if (wrong) this.page.say(`Not written: ${wrong}.`, true);
    if (this.draft !== draft) return;
    if (wrong) this.draft = null;
    this.page.rest();
    this.page.show(this.page.time);
  }

  /* The beat that a draft was made from; its newest form where only the page itself has changed it since. */
  lastSeen(draft) {
    const { written } = this;
    if (!written || written.scene !== draft.scene || written.beat !== draft.beat) return draft.seen;
    const scene = (this.page.waiting || this.page.board).scenes.find((each) => each.name === draft.scene);
    const now = scene && scene.beats[draft.beat];
    const own = now && JSON.stringify(now.keyframes) === JSON.stringify(written.made.keyframes);
    return own ? now : draft.seen;
  }

  /* Where a pointer is, in parts of the frame. */
  pointAt(event) {
    const matrix = byId("drawing").firstChild.getScreenCTM();
    return [
      (event.clientX - matrix.e) / matrix.a / WIDE,
      ((event.clientY - matrix.f) / matrix.d / WIDE) * this.page.board.aspect,
    ];
  }

  grab(event) {
    const group = event.target.closest("[data-beat]");
    const corner = event.target.closest("[data-corner]");
    if (event.button !== 0 || (!group && !corner)) return;
    event.preventDefault();
    this.page.play(false);
    byId("stage").focus({ preventScroll: true });
    const { scene, time } = this.page.place();
    if (!corner) this.choose(scene.beats[Number(group.dataset.beat)].entity);
    const target = this.target(scene, time);
    if (!target) return;
    byId("stage").setPointerCapture(event.pointerId);
    this.drag = { from: this.pointAt(event), box: target.box, corner: corner && corner.dataset.corner, moved: false, margin: marginOf(scene) };
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
    this.page.rest();
    this.page.show(this.page.time);
  }

  /* Move or size the chosen box by an arrow key; what several keys do in a row is written together. */
  nudge(event) {
    const way = { ArrowLeft: [-NUDGE, 0], ArrowRight: [NUDGE, 0], ArrowUp: [0, -NUDGE], ArrowDown: [0, NUDGE] }[event.key];
    this.page.play(false);
    if (!this.sketch((box) => (event.shiftKey ? sizeBox(box, "se", ...way) : moveBox(box, ...way)))) return;
    clearTimeout(this.draft.timer);
    this.draft.timer = setTimeout(() => this.send(), PAUSE);
  }

  /* Write at once what waits for more keys. */
  flush() {
    if (this.draft && this.draft.timer) this.send();
  }

  setKeyframe() {
    this.page.play(false);
    if (this.sketch((box) => box, true)) this.send();
  }

  letGo() {
    if (this.draft) clearTimeout(this.draft.timer);
    this.draft = null;
    this.release(false);
    this.choose(null);
    this.page.rest();
  }

  handle() {
    const stage = byId("stage");
    stage.addEventListener("pointerdown", (event) => this.grab(event));
    stage.addEventListener("pointermove", (event) => this.pull(event));
    stage.addEventListener("pointerup", () => this.release(true));
    stage.addEventListener("pointercancel", () => this.release(false));
    byId("keyframe").addEventListener("click", () => this.setKeyframe());
    window.addEventListener("pagehide", () => this.flush());
    // Before the player's own keys: while a box is chosen, arrows are for it.
    document.addEventListener("keydown", (event) => this.press(event), { capture: true });
  }

  press(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.closest("textarea, select, input:not([type=range]), [data-number]")) return;
    const inTime = event.target === byId("time") || event.target.closest("#list");
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
      this.page.show(this.page.time + (event.key === "," ? -STEP : STEP));
    } else done = false;
    if (!done) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }
}
