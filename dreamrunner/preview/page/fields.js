// Words that are edited where they stand, and buttons. An element's `data-key` is its name across drawings, so that
// what had the keyboard has it again.

/* A button. */
export function button(label, does, { key = "", title = "", classes = "" } = {}) {
  const element = html("button", classes, label);
  element.type = "button";
  if (key) element.dataset.key = key;
  if (title) {
    element.title = title;
    element.setAttribute("aria-label", title);
  }
  element.addEventListener("click", does);
  return element;
}

// What was typed and could not be written, by the field's key: the field has it when it is opened again.
const unwritten = new Map();

/* Words that a click or Enter makes a field of. Enter writes what is typed, as leaving the field does; Shift and Enter
   begin a new line, Escape leaves all as it was. `save` gets the words; `page` is held still meanwhile. What a planner
   said, as `by` tells, is replaced by what is typed. `known` are words to choose from; `empty`
   tells who can't see it what it means that nothing is said. */
export function editable(page, { key, label, value, shown, save, by = "author", lines = true, known = [],
  empty = "left to the planner" }) {
  const words = html("button", "words", ...shown);
  words.type = "button";
  words.dataset.key = key;
  words.title = `edit ${label}`;
  words.setAttribute("aria-label", `${label}: ${value || empty}; edit`);
  words.addEventListener("click", () => open(page, words, { key, label, value, save, by, lines, known }));
  return words;
}

function open(page, words, { key, label, value, save, by, lines, known }) {
  const field = document.createElement(lines ? "textarea" : "input");
  if (lines) field.rows = Math.min(8, 1 + Math.ceil(value.length / 40) + value.split("\n").length);
  field.className = "field";
  field.value = unwritten.get(key) ?? value;
  field.setAttribute("aria-label", label);
  const choices = known.length > 0 ? choose(field, key, known) : "";
  let over = false;
  const close = (keep) => {
    if (over) return;
    over = true;
    const typed = field.value;
    if (choices) choices.remove();
    field.replaceWith(words);
    words.focus({ preventScroll: true });
    unwritten.delete(key);
    if (keep && typed.trim() !== value.trim()) {
      Promise.resolve(save(typed)).then((written) => written === false && unwritten.set(key, typed));
    }
    page.hold(false);
  };
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape" || (event.key === "Enter" && !event.shiftKey)) {
      event.preventDefault();
      close(event.key === "Enter");
    }
    event.stopPropagation();
  });
  field.addEventListener("blur", () => close(true));
  page.hold(true);
  words.replaceWith(field, choices);
  field.focus({ preventScroll: true });
  if (by !== "author") field.select();
}

/* A field with a button: `does` gets what was typed, and the field is empty again. `known` are words to choose from. */
export function entry({ key, label, action, does, known = [] }) {
  const field = document.createElement("input");
  field.className = "field";
  field.dataset.key = key;
  field.placeholder = label;
  field.setAttribute("aria-label", label);
  const parts = [field];
  if (known.length > 0) parts.push(choose(field, key, known));
  const form = html("form", "entry", ...parts, html("button", "", action));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const typed = field.value.trim();
    field.value = "";
    if (typed) does(typed);
  });
  return form;
}

/* A list of words that a field offers. */
function choose(field, key, known) {
  const list = html("datalist", "", ...known.map((name) => Object.assign(document.createElement("option"), { value: name })));
  list.id = `known-${key.replace(/[^a-zA-Z0-9_-]/g, "-")}`;
  field.setAttribute("list", list.id);
  return list;
}

/* What had the keyboard, to give it back after something was drawn anew. */
export function keepFocus(draw) {
  const had = document.activeElement && document.activeElement.dataset && document.activeElement.dataset.key;
  const typed = had && document.activeElement.tagName === "INPUT" ? document.activeElement.value : null;
  draw();
  if (!had) return;
  const again = document.querySelector(`[data-key="${CSS.escape(had)}"]`);
  if (!again || again === document.activeElement) return;
  again.focus({ preventScroll: true });
  if (typed !== null && again.tagName === "INPUT") again.value = typed;
}
