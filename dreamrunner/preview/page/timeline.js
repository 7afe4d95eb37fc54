// The scene in time: a row for each entity, a bar for each beat, a dot for each key frame, to be dragged or moved by keys.

import { keepFocus } from "./fields.js";
import { dragBeat, roomOf, timeWithin } from "./moving.js";

const PAUSE = 600; // milliseconds after the last key until a change is written
const EDGE = 10; // pixels at an end of a bar by which that end is pulled
const KEYS = { ArrowLeft: -1, ArrowRight: 1 };

export class Timeline {
  constructor(page) {
    this.page = page;
    this.scene = null;
    this.stale = false; // whether what is drawn may be another than what the scene is
    this.draft = null; // what is being dragged: { part, number, frame, from, by, change, timer }
    const place = byId("timeline");
    place.addEventListener("pointerdown", (event) => this.grab(event));
    place.addEventListener("pointermove", (event) => this.pull(event));
    place.addEventListener("pointerup", () => this.release(true));
    place.addEventListener("pointercancel", () => this.release(false));
    place.addEventListener("keydown", (event) => this.press(event));
    place.addEventListener("focusout", () => this.draft && this.draft.timer && this.send());
  }

  /* Show a scene at a moment. It is drawn anew only where it is another one. */
  show(scene, moment, chosen) {
    if ((this.scene !== scene || this.stale) && !this.draft) {
      this.scene = scene;
      this.stale = false;
      keepFocus(() => byId("timeline").replaceChildren(...this.rows(scene), html("div", "tracks", html("div", "head"))));
    }
    byId("timeline").querySelector(".head").style.left = `${(100 * moment) / scene.duration}%`;
    for (const row of byId("timeline").querySelectorAll(".row")) row.classList.toggle("chosen", row.dataset.entity === chosen);
  }

  rows(scene) {
    return [...new Set(scene.beats.map((beat) => beat.entity))].map((entity) => {
      const track = html("div", "track");
      scene.beats.forEach((beat, number) => {
        if (beat.entity === entity) track.append(this.bar(scene, beat, number), ...this.dots(scene, beat, number));
      });
      const name = html("button", "name", entity);
      name.type = "button";
      name.dataset.key = `who:${entity}`;
      name.setAttribute("aria-label", `move the box of ${entity}`);
      name.addEventListener("click", () => this.page.stage.choose(this.page.stage.chosen === entity ? null : entity));
      const row = html("div", `row colour-${colourOf(this.page.board, entity)}`, name, track);
      row.dataset.entity = entity;
      return row;
    });
  }

  bar(scene, beat, number) {
    const bar = html(
      "div", beat.by.span === "author" ? "bar" : "bar guessed",
      html("i", "end start"), html("span", "", nameOf(beat)), html("i", "end stop"),
    );
    bar.tabIndex = 0;
    bar.dataset.number = number;
    bar.dataset.key = `bar:${number}`;
    bar.setAttribute("role", "group");
    lay(bar, beat.start, beat.end, scene.duration);
    tell(bar, beat, beat.start, beat.end);
    return bar;
  }

  dots(scene, beat, number) {
    return beat.keyframes.map(([at], frame) => {
      const dot = html("div", beat.by.keyframes === "author" ? "frame" : "frame guessed");
      dot.tabIndex = 0;
      dot.dataset.number = number;
      dot.dataset.frame = frame;
      dot.dataset.key = `frame:${number}:${frame}`;
      dot.setAttribute("role", "button");
      dot.style.left = `${(100 * at) / scene.duration}%`;
      tellFrame(dot, beat, at);
      return dot;
    });
  }

  // Dragging

  /* What an element stands for, a beat or a key frame, and the part of it that is held where a pointer is at `x`. */
  held(element, x = null) {
    const found = element.closest("[data-number]");
    if (!found) return null;
    let part = found.dataset.frame === undefined ? "move" : "frame";
    if (part === "move" && x !== null) {
      const { left, right, width } = found.getBoundingClientRect();
      const edge = Math.min(EDGE, width / 4);
      if (x - left < edge) part = "start";
      else if (right - x < edge) part = "end";
    }
    return { element: found, number: Number(found.dataset.number), frame: Number(found.dataset.frame), part };
  }

  seconds(event) {
    const track = byId("timeline").querySelector(".tracks").getBoundingClientRect();
    return ((event.clientX - track.left) / track.width) * this.scene.duration;
  }

  grab(event) {
    if (event.button !== 0 || !this.scene || event.target.closest(".name")) return;
    this.page.play(false);
    if (this.draft) this.send();
    const held = this.held(event.target, event.clientX);
    const at = this.seconds(event);
    if (!held) {
      this.page.go(this.scene, within(at, 0, this.scene.duration - 1e-6));
      return;
    }
    event.preventDefault();
    held.element.focus({ preventScroll: true });
    byId("timeline").setPointerCapture(event.pointerId);
    this.draft = { ...held, from: at, by: 0, pointer: true };
    this.page.hold(true);
  }

  pull(event) {
    if (!this.draft || !this.draft.pointer) return;
    const by = this.seconds(event) - this.draft.from;
    if (!this.draft.change && Math.abs(by) < 0.03) return;
    this.sketch(by);
  }

  release(written) {
    const { draft } = this;
    if (!draft || !draft.pointer) return;
    if (written && draft.change) this.send();
    else {
      // A click on a key frame goes to its moment.
      if (written && draft.part === "frame") this.page.go(this.scene, this.scene.beats[draft.number].keyframes[draft.frame][0]);
      this.drop();
    }
  }

  /* Show what is dragged so many seconds from where it was, on its way into the text. */
  sketch(by) {
    const { draft, scene } = this;
    const beat = scene.beats[draft.number];
    draft.by = by;
    if (draft.part === "frame") {
      const at = beat.keyframes[draft.frame][0];
      const to = timeWithin(at + by, beat.start, beat.end);
      draft.element.style.left = `${(100 * to) / scene.duration}%`;
      tellFrame(draft.element, beat, to);
      draft.change = to === at ? null : { do: "retime", scene: scene.name, beat: draft.number, at, to };
      this.page.say(`${beat.entity}: key frame at ${seconds(to)}.`);
      return;
    }
    const [start, end] = dragBeat(beat, draft.part, by, roomOf(scene, draft.number));
    lay(draft.element, start, end, scene.duration);
    tell(draft.element, beat, start, end);
    const same = start === beat.start && end === beat.end;
    draft.change = same ? null : { do: "span", scene: scene.name, beat: draft.number, start, end };
    this.page.say(`${nameOf(beat)}: ${seconds(start)} to ${seconds(end)}.`);
  }

  async send() {
    const { draft } = this;
    if (!draft) return;
    clearTimeout(draft.timer);
    draft.timer = null;
    const done = draft.change ? this.page.change(draft.change) : Promise.resolve(false);
    this.drop();
    if (!(await done)) this.page.show(this.page.time);
  }

  /* Let go of what is dragged. */
  drop() {
    this.draft = null;
    this.stale = true;
    this.page.hold(false);
  }

  // Keys

  press(event) {
    const held = this.held(event.target);
    if (!held || event.metaKey || event.altKey) return;
    const beat = this.scene.beats[held.number];
    let done = true;
    if (event.key in KEYS) {
      const part = held.part === "frame" ? "frame" : event.shiftKey ? "end" : event.ctrlKey ? "start" : "move";
      const { draft } = this;
      if (draft && (draft.element !== held.element || draft.part !== part)) this.send();
      if (!this.draft) {
        this.draft = { ...held, part, by: 0 };
        this.page.hold(true);
      }
      this.page.play(false);
      this.sketch(this.draft.by + KEYS[event.key] * STEP);
      clearTimeout(this.draft.timer);
      this.draft.timer = setTimeout(() => this.send(), PAUSE);
    } else if (event.key === "Enter" && this.draft) this.send();
    else if (event.key === "Enter" && held.part === "frame") this.page.go(this.scene, beat.keyframes[held.frame][0]);
    else if (event.key === "Enter") this.page.stage.choose(beat.entity);
    else if (event.key === "Escape" && this.draft) {
      clearTimeout(this.draft.timer);
      this.drop();
      this.page.show(this.page.time);
    } else if (event.key === "Delete" && held.part === "frame") {
      // What is on its way goes first, and may have moved it.
      this.page.changing.then(() => this.remove(held.number, held.frame));
    } else done = false;
    if (!done) return;
    event.preventDefault();
    event.stopPropagation();
  }

  /* Take a key frame of a beat away. */
  remove(number, frame) {
    const found = this.scene.beats[number] && this.scene.beats[number].keyframes[frame];
    if (found) this.page.change({ do: "drop", scene: this.scene.name, beat: number, at: found[0] });
  }
}

function lay(bar, start, end, duration) {
  bar.style.left = `${(100 * start) / duration}%`;
  bar.style.width = `${(100 * (end - start)) / duration}%`;
}

function tell(bar, beat, start, end) {
  bar.title = `${nameOf(beat)}, ${seconds(start)} to ${seconds(end)}`;
  bar.setAttribute("aria-label", `${bar.title}; arrows move it, with Shift its end, with Ctrl its start`);
}

function tellFrame(dot, beat, at) {
  dot.title = `${beat.entity}: key frame at ${seconds(at)}`;
  dot.setAttribute("aria-label", `${dot.title}; arrows move it, Delete removes it`);
}

const within = (value, low, high) => Math.min(Math.max(value, low), high);
