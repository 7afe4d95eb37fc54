// Moving boxes: what a drag or a key makes of a box and of a beat's key frames. These functions know no page.

const GRID = 0.01; // of the frame: how finely boxes are moved
const LOW = -1, HIGH = 2; // of the frame, which is 0 to 1: how far out of it a box may reach
const LEAST = 0.04; // of the frame: a box can't be made smaller
const TICK = 0.05; // seconds: how finely beats and key frames are moved in time
const NEAR = 0.03; // seconds: a key frame this near is the one that is meant

export const tidy = (value) => Math.round(value * 1e4) / 1e4;
const snap = (value) => Math.round(value / GRID) * GRID;
const within = (value, low, high) => Math.min(Math.max(value, low), high);

/* The box, moved by parts of the frame. It keeps its size, and goes no farther out than a box may. */
export function moveBox(box, right, down) {
  const [x0, y0, x1, y1] = box;
  const across = within(snap(right), LOW - x0, HIGH - x1), along = within(snap(down), LOW - y0, HIGH - y1);
  return [x0 + across, y0 + along, x1 + across, y1 + along].map(tidy);
}

/* The box with one corner ("nw", "ne", "sw", "se") pulled by parts of the frame. */
export function sizeBox(box, corner, right, down) {
  let [x0, y0, x1, y1] = box;
  if (corner.includes("w")) x0 = within(x0 + snap(right), LOW, Math.max(LOW, x1 - LEAST));
  else x1 = within(x1 + snap(right), Math.min(HIGH, x0 + LEAST), HIGH);
  if (corner.includes("n")) y0 = within(y0 + snap(down), LOW, Math.max(LOW, y1 - LEAST));
  else y1 = within(y1 + snap(down), Math.min(HIGH, y0 + LEAST), HIGH);
  return [x0, y0, x1, y1].map(tidy);
}

/* Which time a move at a time of the scene is for: that of a key frame right there; that of the only one, since the
   whole beat stands at its box; else this very time. With `fresh` a second key frame is wanted. */
export function timeOfMove(beat, time, fresh) {
  const near = beat.keyframes.find((frame) => Math.abs(frame[0] - time) < NEAR);
  if (near) return near[0];
  if (!fresh && beat.keyframes.length === 1) return beat.keyframes[0][0];
  return within(Math.round(time * 100) / 100, beat.start, beat.end);
}

/* The beat with the box at a time of its key frames, an old one there replaced. */
export function withKeyframe(beat, at, box) {
  const others = beat.keyframes.filter((frame) => frame[0] !== at);
  const keyframes = [...others, [at, ...box]].sort((one, other) => one[0] - other[0]);
  return { ...beat, keyframes };
}

/* The scene with another beat in the place of one. */
export function withBeat(scene, number, beat) {
  return { ...scene, beats: scene.beats.map((each, index) => (index === number ? beat : each)) };
}

/* What is sent of a beat, so that a text that says something else by now is not written over. */
export function seenOf(beat) {
  const { entity, motion, start, end, keyframes } = beat;
  return { entity, motion, start, end, keyframes };
}

/* A time on the grid that pointers and keys move beats and key frames by, in seconds, within two others. */
export function timeWithin(time, low, high) {
  return within(Math.round(Math.round(time / TICK) * TICK * 1e3) / 1e3, low, high);
}

/* The latest end before a beat and the earliest begin after it, of the beats of the same entity; the scene's own ends
   where there are none. */
export function roomOf(scene, number) {
  const beat = scene.beats[number];
  const others = scene.beats.filter((each, index) => index !== number && each.entity === beat.entity);
  const before = others.filter((each) => each.end <= beat.start + 1e-6).map((each) => each.end);
  const after = others.filter((each) => each.start >= beat.end - 1e-6).map((each) => each.start);
  return [Math.max(0, ...before), Math.min(scene.duration, ...after)];
}

/* When a beat is once it is dragged by seconds, in its room: "move" takes it along whole, "start" and "end" one end. */
export function dragBeat(beat, part, by, room) {
  const [low, high] = room, length = beat.end - beat.start;
  if (part === "start") return [timeWithin(beat.start + by, low, beat.end - TICK), beat.end];
  if (part === "end") return [beat.start, timeWithin(beat.end + by, beat.start + TICK, high)];
  const start = timeWithin(beat.start + by, low, high - length);
  return [start, Math.round((start + length) * 1e3) / 1e3];
}

/* What a scene's place in the build is called. */
export function stateWords(state) {
  return {
    never: "not filmed yet", current: "filmed", changed: "filmed, changed since",
    unknown: "filmed, not known from what",
  }[state];
}
