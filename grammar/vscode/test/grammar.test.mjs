// The colours that a text has before the language server answers are those that it then says.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Server } from "./language-server.mjs";
import { loadGrammar, scopesOf } from "./tokens.mjs";

const ROOT = new URL("../../../", import.meta.url);

/** Which scope each kind of the server's tokens has in the grammar. What a beat names is coloured as a character. */
const SCOPES = {
  keyword: /^keyword\.control\./,
  property: /^support\.type\.property-name\./,
  class: /^entity\.name\.type\.(character|entity)\./,
  struct: /^entity\.name\.type\.location\./,
  variable: /^entity\.name\.type\.(prop|entity)\./,
  method: /^entity\.name\.function\.motion\./,
  namespace: /^entity\.name\.section\.scene\./,
  enumMember: /^constant\.(other\.choice|language\.place)\./,
  string: /^string\.quoted\./,
  number: /^constant\.numeric\./,
  operator: /^(keyword\.operator\.span|punctuation\.(definition\.box|separator\.comma))\./,
  comment: /^comment\./,
};

const stories = [
  ...readdirSync(new URL("stories/", ROOT)).filter((name) => name.endsWith(".story")).map((name) => `stories/${name}`),
  "grammar/new/NAME.story",
  "grammar/new/cast.story",
  ...readdirSync(new URL("tests/language/formatted/", ROOT)).map((name) => `tests/language/formatted/${name}`),
  ...["blocks", "beats", "texts"].map((name) => `grammar/vscode/test/scopes/${name}.story`),
];

let grammar, server, legend;

before(async () => {
  grammar = await loadGrammar();
  server = new Server();
  const { capabilities } = await server.ask("initialize", { processId: null, rootUri: null, capabilities: {} });
  legend = capabilities.semanticTokensProvider.legend;
  server.tell("initialized", {});
});

after(async () => assert.equal(await server.stop(), 0));

for (const story of stories) {
  test(`${story} is coloured as the language server says`, async () => {
    const file = fileURLToPath(new URL(story, ROOT));
    const text = readFileSync(file, "utf8");
    const uri = pathToFileURL(file).href;
    const textDocument = { uri, languageId: "dreamrunner", version: 1, text };
    server.tell("textDocument/didOpen", { textDocument });
    const { data } = await server.ask("textDocument/semanticTokens/full", { textDocument: { uri } });
    server.tell("textDocument/didClose", { textDocument: { uri } });
    compare(text, scopesOf(grammar, text), decoded(data));
  });
}

/** The server's tokens: line, first unit, length, kind. */
function decoded(data) {
  const found = [];
  let [line, start] = [0, 0];
  for (let index = 0; index < data.length; index += 5) {
    start = data[index] ? data[index + 1] : start + data[index + 1];
    line += data[index];
    found.push({ line, start, length: data[index + 2], kind: legend.tokenTypes[data[index + 3]] });
  }
  return found;
}

function compare(text, scopes, tokens) {
  const lines = text.split("\n");
  assert.ok(tokens.length > 0);
  for (const { line, start, length, kind } of tokens) {
    const word = lines[line].slice(start, start + length);
    for (let unit = start; unit < start + length; unit++) {
      if (lines[line][unit].trim()) {
        const there = scopes[line][unit];
        const same = there.some((scope) => SCOPES[kind].test(scope));
        assert.ok(same, `line ${line + 1}: ${word} is ${kind}, not ${there}`);
      }
    }
    scopes[line].fill(["told"], start, start + length);
  }
  // What the server says nothing of has no colour either, but for the name of a filled scene's planner.
  scopes.forEach((units, line) => {
    units.forEach((there, unit) => {
      const coloured = there.some((scope) => /^(keyword|support|entity|string|comment|constant)\./.test(scope));
      const planner = there.some((scope) => scope.startsWith("constant.other.choice."));
      assert.ok(!coloured || planner || !lines[line][unit]?.trim(), `line ${line + 1}, ${unit}: ${there} is not told`);
    });
  });
}
