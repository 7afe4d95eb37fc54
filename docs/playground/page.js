// The playground's page: a text on one side, what DreamRunner says of it on the other.
const root = document.querySelector("#desk");
const story = root.querySelector("textarea");
const state = root.querySelector(".state");
const tabs = [...root.querySelectorAll("[role=tab]")];
const panels = Object.fromEntries([...root.querySelectorAll("[role=tabpanel]")].map((panel) => [panel.id, panel]));
const worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
const PAUSE = 300; // milliseconds without a key

let asked = 0;
let latest = null;
let waiting = 0;

worker.addEventListener("message", ({ data }) => {
  if (data.failed) {
    say("failed", `It can't run here: ${data.failed}`);
  } else if (data.ready) {
    ask();
  } else if (data.number === asked) {
    show(data.found);
  }
});
worker.addEventListener("error", (event) => say("failed", `It can't run here: ${event.message ?? "no module worker"}`));

story.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(ask, PAUSE);
});
story.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) ask();
});
root.querySelector("[name=format]").addEventListener("click", () => {
  if (latest?.formatted != null && latest.formatted !== story.value) {
    story.value = latest.formatted;
    ask();
  }
});
root.querySelector("select").addEventListener("change", ({ target }) => {
  story.value = document.querySelector(`#${target.value}`).textContent.trimStart();
  ask();
});
addEventListener("hashchange", take);
take();
for (const tab of tabs) {
  tab.addEventListener("click", () => choose(tab));
  tab.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
    choose(next);
    next.focus();
  });
}

// Takes the story that the page's address has behind #story=, as the cookbook's links have it.
function take() {
  const given = new URLSearchParams(location.hash.slice(1)).get("story");
  if (given == null) return;
  story.value = given;
  ask();
}

function ask() {
  clearTimeout(waiting);
  asked += 1;
  say("working", "Reading ...");
  worker.postMessage({ number: asked, text: story.value });
}

function show(found) {
  latest = found;
  const errors = found.problems.filter((problem) => problem.severity === "error").length;
  const warnings = found.problems.length - errors;
  say(errors ? "errors" : "done", counted(errors, warnings));
  list(panels.messages, found);
  panels.plan.querySelector("pre").textContent = found.plan ?? "There is no plan while the story has an error.";
  const frame = panels.storyboard.querySelector("iframe");
  frame.hidden = found.page == null;
  panels.storyboard.querySelector("p").hidden = found.page != null;
  if (found.page != null) frame.srcdoc = found.page;
  root.querySelector("[name=format]").disabled = found.formatted == null || found.formatted === story.value;
}

function list(panel, found) {
  panel.querySelector("pre").textContent = found.report || "Nothing is wrong.";
  const places = panel.querySelector("ul");
  places.replaceChildren(
    ...found.problems.map((problem) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = `${problem.line}:${problem.column} ${problem.severity} ${problem.code}`;
      button.addEventListener("click", () => go(problem.line, problem.column));
      const item = document.createElement("li");
      item.append(button);
      return item;
    }),
  );
}

// Puts the cursor where a problem is; lines and columns count from 1.
function go(line, column) {
  const before = story.value.split("\n").slice(0, line - 1);
  const at = before.join("\n").length + (before.length ? 1 : 0) + column - 1;
  story.focus();
  story.setSelectionRange(at, at);
  story.scrollTop = (line - 4) * Number.parseFloat(getComputedStyle(story).lineHeight);
}

function choose(tab) {
  for (const each of tabs) {
    const chosen = each === tab;
    each.setAttribute("aria-selected", String(chosen));
    each.tabIndex = chosen ? 0 : -1;
    panels[each.getAttribute("aria-controls")].hidden = !chosen;
  }
}

function counted(errors, warnings) {
  const parts = [];
  if (errors) parts.push(`${errors} ${errors === 1 ? "error" : "errors"}`);
  if (warnings) parts.push(`${warnings} ${warnings === 1 ? "warning" : "warnings"}`);
  return parts.join(", ") || "Sound";
}

function say(kind, text) {
  state.dataset.kind = kind;
  state.textContent = text;
}
