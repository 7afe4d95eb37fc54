// The TextMate grammar as VS Code runs it: a text's tokens with their scopes.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import oniguruma from "vscode-oniguruma";
import textmate from "vscode-textmate";

const wasm = createRequire(import.meta.url).resolve("vscode-oniguruma/release/onig.wasm");
const grammar = new URL("../syntaxes/story.tmLanguage.json", import.meta.url);

/** The grammar, loaded. */
export async function loadGrammar() {
  await oniguruma.loadWASM(readFileSync(wasm).buffer);
  const registry = new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (sources) => new oniguruma.OnigScanner(sources),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: async () => textmate.parseRawGrammar(readFileSync(grammar, "utf8"), "story.tmLanguage.json"),
  });
  return registry.loadGrammar("source.dreamrunner");
}

/** For each line, the scopes of each of its UTF-16 units. */
export function scopesOf(grammar, text) {
  let stack = textmate.INITIAL;
  return text.split("\n").map((line) => {
    const { tokens, ruleStack } = grammar.tokenizeLine(line, stack);
    stack = ruleStack;
    return tokens.flatMap(({ startIndex, endIndex, scopes }) => Array(endIndex - startIndex).fill(scopes));
  });
}
