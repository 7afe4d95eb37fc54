// What the editor does by itself while one types: indentation after Enter, and what counts as a word.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const { onEnterRules, wordPattern } = JSON.parse(
  readFileSync(new URL("../language-configuration.json", import.meta.url), "utf8"),
);

/** What Enter does at the bar: "indent", "indentOutdent" or "none", by the first rule that fits, as VS Code does it. */
function enter(line) {
  const [before, after] = line.split("|");
  const rule = onEnterRules.find(
    ({ beforeText, afterText }) =>
      new RegExp(beforeText).test(before) && (afterText === undefined || new RegExp(afterText).test(after)),
  );
  return rule?.action.indent ?? "none";
}

for (const [line, action] of [
  ["scene garden|", "indent"],
  ["scene garden  # by day|", "indent"],
  ['story "A Day"|', "indent"],
  ["character witch|", "indent"],
  ['character witch "a witch"|', "none"],
  ["motion stirring|", "indent"],
  ["prop pot|", "indent"],
  ['prop pot "a pot"|', "none"],
  ['use "cast.story"|', "none"],
  ["sceneries|", "none"],
  ["  witch walking 0s..3s|", "none"],
  ["    at 0s left|", "none"],
  ["  duration 6s|", "none"],
  ['  narration """|', "indent"],
  ['  narration """|"""', "indentOutdent"],
  ['    """|', "none"],
  ['    The cat watches."""|', "none"],
  ['  narration """All on one line."""|', "none"],
  ['# narration """|', "none"],
  ["|", "none"],
]) {
  test(`Enter in ${line}: ${action}`, () => assert.equal(enter(line), action));
}

test("a double click takes a whole name, time, size or word", () => {
  const words = [...'witch-2 walking_fast 0.5s..13s [0.25 1] 720x480 "déjà vu, e\u0301t\u00e9"'.matchAll(
    new RegExp(wordPattern.pattern, `g${wordPattern.flags}`),
  )].map(([word]) => word);
  assert.deepEqual(words, [
    "witch-2", "walking_fast", "0.5s", "13s", "0.25", "1", "720x480", "déjà", "vu", "e\u0301t\u00e9",
  ]);
});
