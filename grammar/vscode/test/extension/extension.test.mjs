// The bundled extension in a stand-in for VS Code, with the real `dreamrunner` behind it.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, beforeEach, test } from "node:test";
import { DREAMRUNNER } from "../language-server.mjs";
import { Window } from "./vscode.mjs";

const STORY = `character witch "a witch in a purple dress"

scene garden
  background "a garden"
  narration "The witch waves."

  witch waving 0s..6s "a witch in a purple dress is waving"
    at 0s left

scene beach
  background "a beach"
  narration "The witch walks."

  witch walking 0s..6s "a witch in a purple dress is walking"
    at 0s left
`;
const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
const caches = mkdtempSync(join(tmpdir(), "cache-"));
process.env.DREAMRUNNER_CACHE = caches;

let folder, window;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "stories-"));
  process.chdir(folder);
  window = new Window(folder);
  window.settings.command = DREAMRUNNER;
});

afterEach(async () => {
  await window.close();
  rmSync(folder, { recursive: true, force: true });
});

after(() => rmSync(caches, { recursive: true, force: true }));

/** Start the extension and show a story in it. */
async function open(text = STORY, line = 0, name = "day.story") {
  await window.activate();
  const file = join(folder, name);
  writeFileSync(file, text);
  return window.open(file, text, line);
}

/** What the language server says of the active story. */
const found = (document) => window.until(() => window.diagnostics.get(document.uri.toString()));

/** A program in place of the real command; \`body\` is a script, in which \`args\` are the arguments. */
function pretend(body) {
  const file = join(folder, "pretended");
  writeFileSync(file, `#!${process.execPath}\nconst args = process.argv.slice(2);\n${body}\n`, { mode: 0o755 });
  window.settings.command = file;
}

const RECORDING = `require("fs").appendFileSync("calls", JSON.stringify({ args, folder: process.cwd() }) + "\\n");`;

const calls = () => {
  const lines = readFileSync(join(folder, "calls"), "utf8").trim().split("\n").map((line) => JSON.parse(line));
  return lines.filter(({ args }) => args[0] !== "lsp").map(({ args }) => args);
};

test("every command that the manifest names is there, and no other but the server's", async () => {
  const document = await open();
  await found(document);
  const named = manifest.contributes.commands.map(({ command }) => command);
  const own = ["sceneAt", ...["preview", "film", "storyboard", "takes"].map((link) => `lens.${link}`)];
  assert.deepEqual([...window.registered.keys()].sort(), [...named, ...own.map((each) => `dreamrunner.${each}`)].sort());
  assert.deepEqual(window.messages, []);
});

test("diagnostics come from the real language server, at their place", async () => {
  const document = await open(STORY.replace("  witch waving", "  wich waving"));
  const [diagnostic, ...others] = await found(document);
  assert.match(diagnostic.message, /no character or prop `wich`/);
  assert.equal(diagnostic.code?.value ?? diagnostic.code, "unknown-entity");
  assert.deepEqual([diagnostic.range.start.line, diagnostic.range.start.character], [6, 2]);
  assert.deepEqual(others, []);
});

test("a story that was never saved is answered, too", async () => {
  await window.activate();
  const document = window.open("untitled:Untitled-1", 'scene garden\n  duration "six"\n');
  assert.equal((await found(document))[0].range.start.line, 1);
  await window.run("dreamrunner.check");
  assert.match(window.messages.at(-1).text, /save the story first/);
});

test("the server ends with the window", async () => {
  pretend(`${RECORDING}
    const server = require("child_process").spawn(${JSON.stringify(DREAMRUNNER)}, args, { stdio: "inherit" });
    server.on("exit", (code) => { require("fs").writeFileSync("ended", String(code)); process.exit(code); });`);
  const document = await open();
  await found(document);
  await window.close();
  await window.until(() => existsSync(join(folder, "ended")));
  assert.equal(readFileSync(join(folder, "ended"), "utf8"), "0");
});

test("check says in the output what is wrong", async () => {
  const document = await open(STORY.replace("  witch waving", "  wich waving"));
  await found(document);
  await window.run("dreamrunner.check");
  assert.match(window.output, /unknown-entity[\s\S]*did you mean `witch`\?/);
  assert.deepEqual(window.messages.map(({ kind }) => kind), ["warning"]);
  assert.match(window.messages[0].text, /1 error/);
});

test("check saves first, and says that all is well", async () => {
  const document = await open();
  document.isDirty = true;
  await window.run("dreamrunner.check");
  assert.equal(document.saves, 1);
  assert.deepEqual(window.messages, [
    { kind: "information", text: "Nothing is wrong.", buttons: ["Show the Output"] },
  ]);
});

test("the storyboard is drawn and shown beside the text", async () => {
  await open();
  window.answers.set("*", "Play It in the Browser");
  await window.run("dreamrunner.storyboard");
  const picture = join(folder, "build", "day", "boxes.png");
  const [[command, uri, { preserveFocus }]] = window.executed;
  assert.deepEqual([command, uri.fsPath, preserveFocus], ["vscode.open", picture, true]);
  assert.equal(readFileSync(picture).subarray(1, 4).toString(), "PNG");
  assert.match(window.opened[0], /build\/day\/boxes\.html$/);
});

test("the scene under the cursor is filmed, and that alone", async () => {
  window.settings.buildArguments = ["--steps", "1"];
  const document = await open(STORY, 12);
  await found(document);
  window.answers.set("*", "Watch It");
  await window.run("dreamrunner.buildScene");
  assert.match(window.output, /--scene" "beach"/);
  const [[command, film]] = window.executed;
  assert.equal(command, "vscode.open");
  assert.ok(existsSync(film.fsPath), film.fsPath);
  assert.ok(existsSync(join(folder, "build", "day", "scenes", "beach.mp4")));
  assert.ok(!existsSync(join(folder, "build", "day", "scenes", "garden.mp4")));
  assert.ok(window.progress.some((line) => line.includes("filmed 1 scene")), String(window.progress));
});

test("a link above a scene is about this scene, whichever editor is active", async () => {
  pretend(RECORDING);
  const document = await open(STORY, 0);
  window.open("untitled:Untitled-1", "");
  const link = [document.uri.toString(), "beach"];
  await window.run("dreamrunner.buildScene", ...link);
  await window.run("dreamrunner.storyboard", ...link);
  await window.run("dreamrunner.takes", ...link);
  const file = document.uri.fsPath;
  assert.deepEqual(calls(), [["build", file, "--scene", "beach"], ["storyboard", file], ["takes", file]]);
  await window.run("dreamrunner.buildScene", document.uri.toString(), "--out=/tmp");
  assert.equal(calls().length, 3);
});

test("the takes of a scene are shown, and where there are none that is said", async () => {
  pretend(`if (args[0] === "lsp") process.exit(0);
    require("fs").writeFileSync("beach.png", ""); console.log("beach: take 1\\nbeach.png");`);
  const document = await open();
  await window.run("dreamrunner.takes", document.uri.toString(), "beach");
  const [[command, uri]] = window.executed;
  assert.deepEqual([command, uri.fsPath], ["vscode.open", join(folder, "beach.png")]);
  await window.run("dreamrunner.takes", document.uri.toString(), "garden");
  assert.match(window.messages.at(-1).text, /garden has one take, or none yet/);
});

test("the language server is told which commands the links ask for", async () => {
  pretend(`let asked = ""; process.stdin.on("data", (data) => {
    asked += data;
    const lenses = /"lenses":(\\{[^}]+\\})/.exec(asked);
    if (lenses) { require("fs").writeFileSync("asked", lenses[1]); process.exit(1); } });`);
  await window.activate();
  const lenses = JSON.parse(readFileSync(join(folder, "asked"), "utf8"));
  const named = new Set(manifest.contributes.commands.map(({ command }) => command));
  assert.deepEqual(Object.keys(lenses), ["preview", "film", "storyboard", "takes"]);
  assert.ok(Object.values(lenses).every((command) => named.has(command)));
});

test("outside of scenes there is none to build", async () => {
  const document = await open(STORY, 0);
  await found(document);
  await window.run("dreamrunner.buildScene");
  assert.match(window.messages.at(-1).text, /put the cursor into a scene/);
});

test("a story with errors is not filmed, and the user hears of it", async () => {
  await open(STORY.replace("  witch waving", "  wich waving"));
  await window.run("dreamrunner.build");
  assert.match(window.messages.at(-1).text, /has errors, so nothing was made/);
});

test("names and words of a story are arguments, whatever they hold", async () => {
  pretend(RECORDING);
  window.settings.buildArguments = ["--draft", "$(touch made) ${env:HOME}"];
  const name = "a;touch made & $(touch made) `touch made` ${env:HOME} 'x' --out.story";
  const document = await open(STORY, 3, name);
  await window.run("dreamrunner.check");
  await window.run("dreamrunner.build");
  const file = document.uri.fsPath;
  assert.deepEqual(calls(), [
    ["check", file],
    ["build", file, "--draft", "$(touch made) ${env:HOME}"],
  ]);
  assert.ok(!existsSync(join(folder, "made")));
});

test("commands run in the folder that is open, or else in the story's own", async () => {
  pretend(`console.log(process.cwd());`);
  await open();
  await window.run("dreamrunner.check");
  const elsewhere = mkdtempSync(join(tmpdir(), "elsewhere-"));
  writeFileSync(join(elsewhere, "night.story"), STORY);
  window.open(join(elsewhere, "night.story"), STORY);
  await window.run("dreamrunner.check");
  const told = window.messages.filter(({ kind }) => kind === "information").map(({ text }) => text);
  assert.deepEqual(told, [folder, elsewhere]);
  rmSync(elsewhere, { recursive: true });
});

test("a command that is stopped is interrupted as by Ctrl-C, and nothing more is said", async () => {
  pretend(`if (args[0] === "lsp") process.exit(0);
    process.on("SIGINT", () => { console.error("Stopped."); process.exit(130); });
    console.error("working"); setInterval(() => {}, 1000);`);
  await open();
  await window.until(() => window.messages.length);
  window.messages = [];
  const running = window.run("dreamrunner.build");
  await window.until(() => window.progress.includes("working"));
  await window.run("dreamrunner.build");
  assert.deepEqual(window.messages.map(({ text }) => text), ["This is being done already."]);
  window.stops[0].cancel();
  await running;
  assert.match(window.output, /Stopped\./);
  assert.equal(window.messages.length, 1);
});

test("a step that fails is told in the command's own words", async () => {
  pretend(`if (args[0] === "lsp") process.exit(0);
    console.error("filming\\nerror: the disk is full"); process.exit(3);`);
  await open();
  await window.run("dreamrunner.build");
  assert.ok(window.messages.some(({ kind, text }) => kind === "error" && text === "DreamRunner: the disk is full"));
});

test("a command that is not installed is told once, with what to do", async () => {
  window.settings.command = "no-such-dreamrunner";
  await open();
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal(window.messages.length, 1);
  const [{ kind, text, buttons }] = window.messages;
  assert.equal(kind, "error");
  assert.match(text, /no command no-such-dreamrunner\. Install DreamRunner/);
  assert.deepEqual(buttons, ["Open the Setting", "Try Again"]);
  await window.run("dreamrunner.check");
  assert.match(window.messages.at(-1).text, /no command no-such-dreamrunner/);
});

test("where the server's library is missing, the server's own advice is shown, once", async () => {
  pretend(`console.error("error: the Python package pygls is missing; install DreamRunner anew, with what it needs");
    process.exit(3);`);
  await open();
  await window.until(() => window.messages.length);
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.deepEqual(window.messages.map(({ text }) => text), [
    "DreamRunner: the Python package pygls is missing; install DreamRunner anew, with what it needs",
  ]);
});

test("a server that was not there is there after a restart", async () => {
  window.settings.command = "no-such-dreamrunner";
  const document = await open(STORY.replace("  witch waving", "  wich waving"));
  await window.until(() => window.messages.length);
  window.settings.command = DREAMRUNNER;
  await window.run("dreamrunner.restart");
  assert.match((await found(document))[0].message, /wich/);
});

test("a server that ends by itself is told, and one that is restarted is not", async () => {
  pretend(`require("fs").appendFileSync("servers", process.pid + "\\n");
    const server = require("child_process").spawn(${JSON.stringify(DREAMRUNNER)}, args, { stdio: "inherit" });
    server.on("exit", (code) => process.exit(code ?? 1));
    process.on("SIGTERM", () => server.kill());`);
  const document = await open();
  await found(document);
  await Promise.all([window.run("dreamrunner.restart"), window.run("dreamrunner.restart")]);
  const servers = readFileSync(join(folder, "servers"), "utf8").trim().split("\n");
  assert.equal(servers.length, 3);
  assert.deepEqual(window.messages, []);
  process.kill(Number(servers.at(-1)));
  await window.until(() => window.messages.length);
  assert.deepEqual(window.messages.map(({ text }) => text), ["DreamRunner: the language server has ended."]);
  await window.run("dreamrunner.buildScene");
  assert.match(window.messages.at(-1).text, /the language server, which knows the scenes, does not run/);
});

test("the setting may name the open folder", async () => {
  pretend(RECORDING);
  window.settings.command = "${workspaceFolder}/pretended";
  await open();
  await window.run("dreamrunner.check");
  assert.equal(calls().length, 1);
});

test("a bare name is not looked up in the story's folder", async () => {
  pretend(RECORDING);
  window.settings.command = "pretended";
  await open();
  await window.run("dreamrunner.check");
  assert.match(window.messages.at(-1).text, /no command pretended/);
});
