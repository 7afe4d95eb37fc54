"use strict";
// Drawing a board: a story's plan as data (see storyboard_page.py). These functions know no page: each takes data and
// gives numbers or an element, so that any page that has a board, still or live, can use them.

const WIDE = 100; // units of a picture's width; its height follows from the board's aspect

/* Where the box stands at a time in seconds: key frames are [at, x0, y0, x1, y1], sorted by time. Between two of them
   the edges move in straight lines, before the first and after the last the box holds. A page has no Python: this is
   the rule of planning/keyframes.py, said once more in its own language. */
function boxAt(keyframes, time) {
  const next = keyframes.findIndex((frame) => frame[0] > time);
  if (next === 0) return keyframes[0].slice(1);
  if (next === -1) return keyframes[keyframes.length - 1].slice(1);
  const before = keyframes[next - 1], after = keyframes[next];
  const share = (time - before[0]) / (after[0] - before[0]);
  return before.slice(1).map((edge, index) => edge + (after[index + 1] - edge) * share);
}

/* The beats that are seen at a time, large boxes first, so that none hides a smaller one's name. */
function present(scene, time) {
  const area = (box) => (box[2] - box[0]) * (box[3] - box[1]);
  return scene.beats
    .filter((beat) => beat.start <= time && time < beat.end)
    .map((beat) => ({ beat, box: boxAt(beat.keyframes, time) }))
    .sort((one, other) => area(other.box) - area(one.box));
}

/* When each scene of the board begins, and when the last one ends: one number more than there are scenes. */
function startTimes(board) {
  const starts = [0];
  for (const scene of board.scenes) starts.push(starts[starts.length - 1] + scene.duration);
  return starts;
}

/* Which scene a time of the whole board falls into, and how far into it. The end belongs to the last scene. */
function placeOf(starts, time) {
  let number = 0;
  while (number < starts.length - 2 && starts[number + 1] <= time) number += 1;
  return { number, time: Math.max(0, time - starts[number]) };
}

/* The way of a beat's middle, as points in the picture's units. */
function pathOf(beat, aspect) {
  const times = [beat.start, ...beat.keyframes.map((frame) => frame[0]), beat.end];
  return times
    .filter((time) => beat.start <= time && time <= beat.end)
    .sort((one, other) => one - other)
    .map((time) => boxAt(beat.keyframes, time))
    .map((box) => [((box[0] + box[2]) / 2) * WIDE, (((box[1] + box[3]) / 2) * WIDE) / aspect]);
}

function seconds(time) {
  return `${Number(time.toFixed(2))} s`;
}

/* How a text is said to have come: the class that its mark is drawn with, and the words on it. */
function originOf(by) {
  if (by === "author") return { look: "by-author", words: "author" };
  if (by === "hand") return { look: "by-hand", words: "by hand" };
  if (by === "offline") return { look: "by-offline", words: "offline" };
  return { look: "by-chat", words: by };
}

/* An HTML element: a tag, its classes, and its children, where a string is a text and nothing else. */
function html(tag, classes, ...children) {
  const element = document.createElement(tag);
  if (classes) element.className = classes;
  element.append(...children);
  return element;
}

/* An SVG element: a tag, its attributes, and its children. */
function svg(tag, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/* What a planner filled or a hand edited bears a mark; what the author wrote has none. */
function mark(by) {
  if (by === "author") return "";
  const origin = originOf(by);
  const element = html("span", `by ${origin.look}`, origin.words);
  element.title = `written by: ${origin.words}`;
  return element;
}

/* A narration in pieces: each a text, the beat whose mark it bears, or null, and whether that is in the picture at a
   time. Of several beats that came from the same words it is the first, but for one that is there. */
function toldAt(scene, time) {
  const there = new Set(time === undefined ? [] : present(scene, time).map(({ beat }) => scene.beats.indexOf(beat)));
  return scene.told.map(({ text, beats }) => {
    const now = beats.find((number) => there.has(number));
    const beat = now === undefined ? beats[0] : now;
    return { text, beat: beat === undefined ? null : beat, now: now !== undefined };
  });
}

/* A narration whose words are marked in the colour of who is seen doing what they say. */
function drawTold(board, scene, time) {
  return toldAt(scene, time).map(({ text, beat, now }, index) => {
    if (beat === null) return text;
    const words = html("span", `told colour-${colourOf(board, scene.beats[beat].entity)}${now ? " now" : ""}`, text);
    words.title = [...new Set(scene.told[index].beats.map((number) => nameOf(scene.beats[number])))].join(", ");
    return words;
  });
}

/* How much is drawn round the frame of a scene, in parts of it: nothing, unless a box reaches out of it. */
function marginOf(scene) {
  const edges = scene.beats.flatMap((beat) => beat.keyframes.flatMap((frame) => frame.slice(1)));
  const beyond = Math.max(0, ...edges.map((edge) => Math.max(-edge, edge - 1)));
  return beyond > 0 ? Math.min(1, Math.max(0.25, Math.ceil(beyond * 20) / 20)) : 0;
}

/* The picture of one moment: paths of everybody in the scene, and the boxes of those who are there. Round the frame is a
   margin for what is out of it. */
function drawMoment(board, scene, time, margin = marginOf(scene)) {
  const high = WIDE / board.aspect;
  const label = present(scene, time).map(({ beat }) => beat.entity).join(", ") || "nobody";
  const view = [-margin * WIDE, -margin * high, (1 + 2 * margin) * WIDE, (1 + 2 * margin) * high].join(" ");
  const picture = svg("svg", { viewBox: view, role: "img", "aria-label": `In the picture: ${label}` });
  if (margin > 0) picture.append(svg("rect", { class: "frame-edge", x: 0, y: 0, width: WIDE, height: high }));
  for (const beat of scene.beats) picture.append(drawPath(board, beat));
  for (const { beat, box } of present(scene, time)) {
    const group = drawBox(board, beat, box);
    group.dataset.beat = scene.beats.indexOf(beat);
    picture.append(group);
  }
  return picture;
}

function drawPath(board, beat) {
  const points = pathOf(beat, board.aspect);
  const last = points[points.length - 1];
  return svg(
    "g", { class: `path colour-${colourOf(board, beat.entity)}` },
    svg("polyline", { points: points.map((point) => point.join(",")).join(" ") }),
    svg("circle", { cx: last[0], cy: last[1], r: 0.9 }),
  );
}

function drawBox(board, beat, box) {
  const high = WIDE / board.aspect;
  const [x, y] = [box[0] * WIDE, box[1] * high];
  const [width, height] = [(box[2] - box[0]) * WIDE, (box[3] - box[1]) * high];
  const guessed = beat.by.keyframes === "author" ? "" : " guessed";
  const group = svg("g", { class: `box colour-${colourOf(board, beat.entity)}${guessed}` });
  const wide = Math.min(WIDE, Math.max(6, beat.entity.length * 2.6 + 2));
  const left = x + width < 0 || x > WIDE ? x : Math.min(Math.max(0, x), Math.max(0, WIDE - wide));
  const motion = beat.motion ? beat.motion.replace(/[-_]/g, " ") : "";
  group.append(
    svg("rect", { x, y, width, height, rx: 1.2 }),
    svg("rect", { class: "tag", x: left, y, width: wide, height: 6, rx: 1 }),
    svg("text", { class: "name", x: left + 1, y: y + 4.4, textLength: wide - 2, lengthAdjust: "spacingAndGlyphs" }, beat.entity),
  );
  if (beat.words && guessed) group.append(svg("title", {}, `from “${beat.words}”`));
  if (motion) group.append(svg("text", { class: "motion", x: x + 1, y: Math.min(high - 1, y + 10.4) }, motion));
  return group;
}

/* A scene's beats in time: a row for each entity, a bar for each beat, a dot for each key frame. */
function drawTimeline(board, scene) {
  const timeline = html("div", "timeline");
  const at = (time) => `${(100 * time) / scene.duration}%`;
  for (const entity of new Set(scene.beats.map((beat) => beat.entity))) {
    const row = html("div", `row colour-${colourOf(board, entity)}`);
    for (const beat of scene.beats.filter((each) => each.entity === entity)) {
      const bar = html("div", beat.by.span === "author" ? "bar" : "bar guessed", html("span", "", nameOf(beat)));
      bar.style.left = at(beat.start);
      bar.style.width = at(beat.end - beat.start);
      bar.title = `${nameOf(beat)}, ${seconds(beat.start)} to ${seconds(beat.end)}`;
      row.append(bar);
      for (const frame of beat.keyframes) {
        const dot = html("div", "frame");
        dot.style.left = at(frame[0]);
        row.append(dot);
      }
    }
    timeline.append(row);
  }
  timeline.append(html("div", "head"));
  return timeline;
}

function nameOf(beat) {
  return beat.motion ? `${beat.entity} ${beat.motion.replace(/[-_]/g, " ")}` : beat.entity;
}

function colourOf(board, entity) {
  return board.cast.findIndex((member) => member.name === entity) % 8;
}
