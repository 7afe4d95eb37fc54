// The preview's panel and its process, with a stand-in for `dreamrunner preview`.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { Window } from "./vscode.mjs";

const SERVING = (address) => `
  require("fs").writeFileSync("started", JSON.stringify(args));
  process.on("SIGINT", () => { require("fs").writeFileSync("stopped", ""); process.exit(130); });
  console.log(${JSON.stringify(address)});
  setInterval(() => {}, 1000);`;

let folder, file, window;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "stories-"));
  file = join(folder, "day.story");
  window = new Window(folder);
});

afterEach(async () => {
  await window.close();
  rmSync(folder, { recursive: true, force: true });
});

async function open(body) {
  const command = join(folder, "pretended");
  const script = `const args = process.argv.slice(2); if (args[0] === "lsp") process.exit(0); ${body}`;
  writeFileSync(command, `#!${process.execPath}\n${script}\n`, { mode: 0o755 });
  window.settings.command = command;
  await window.activate();
  writeFileSync(file, "scene garden\n");
  window.open(file, "scene garden\n");
  await window.until(() => window.messages.length, 5000);
  window.messages = [];
}

test("the panel shows the page that the command serves, and that alone", async () => {
  await open(SERVING("http://127.0.0.1:8123/Az_09-/"));
  await window.run("dreamrunner.preview");
  assert.deepEqual(JSON.parse(readFileSync(join(folder, "started"), "utf8")), ["preview", "--no-open", file]);
  const [{ webview, title }] = window.panels;
  assert.equal(title, "Preview day.story");
  assert.match(webview.html, /<iframe src="http:\/\/127\.0\.0\.1:8123\/Az_09-\/"/);
  const [, policy] = /Content-Security-Policy" content="([^"]+)"/.exec(webview.html);
  assert.match(policy, /^default-src 'none'; frame-src http:\/\/127\.0\.0\.1:8123; style-src 'nonce-[^']+'$/);
});

test("a story has one panel, and closing it ends the process", async () => {
  await open(SERVING("http://127.0.0.1:8123/a/"));
  await window.run("dreamrunner.preview");
  await window.run("dreamrunner.preview");
  assert.equal(window.panels.length, 1);
  assert.equal(window.panels[0].reveals, 1);
  window.panels[0].dispose();
  await window.until(() => existsSync(join(folder, "stopped")));
  await window.run("dreamrunner.preview");
  assert.equal(window.panels.length, 2);
});

test("a link above a scene shows the page at this scene, also where it is shown already", async () => {
  await open(SERVING("http://127.0.0.1:8123/a/"));
  const uri = window.api.Uri.file(file).toString();
  await window.run("dreamrunner.preview", uri, "garden");
  assert.match(window.panels[0].webview.html, /<iframe src="http:\/\/127\.0\.0\.1:8123\/a\/#garden"/);
  await window.run("dreamrunner.preview", uri, "beach");
  assert.match(window.panels[0].webview.html, /<iframe src="http:\/\/127\.0\.0\.1:8123\/a\/#beach"/);
  await window.run("dreamrunner.preview", uri, '"><script>');
  assert.match(window.panels[0].webview.html, /#beach"/);
  assert.equal(window.panels.length, 1);
});

test("closing the window ends the process", async () => {
  await open(SERVING("http://127.0.0.1:8123/a/"));
  await window.run("dreamrunner.preview");
  await window.close();
  await window.until(() => existsSync(join(folder, "stopped")));
});

test("a panel that is closed before the page is there leaves no process", async () => {
  await open(`setTimeout(() => {}, 60000);`);
  const showing = window.run("dreamrunner.preview");
  await window.until(() => window.panels.length);
  window.panels[0].dispose();
  await showing;
  assert.deepEqual(window.messages, []);
});

test("a preview that can't start says why", async () => {
  await open(`console.error("error: day.story is not there"); process.exit(1);`);
  await window.run("dreamrunner.preview");
  assert.deepEqual(window.messages.map(({ text }) => text), ["DreamRunner: day.story is not there"]);
  assert.ok(window.panels[0].disposed);
});

for (const address of [
  "http://203.0.113.1:80/a/",
  "http://127.0.0.1.example:80/a/",
  "http://127.0.0.1:80@example/a/",
  'http://127.0.0.1:80/a/"><script>alert(1)</script>',
  "javascript:alert(1)",
]) {
  test(`${address} is no address of a preview`, async () => {
    await open(`console.log(${JSON.stringify(address)});`);
    await window.run("dreamrunner.preview");
    assert.equal(window.messages.length, 1);
    assert.equal(window.panels[0].webview.html, "");
  });
}

test("behind a proxy, where the page refuses to be shown, that is said", async () => {
  await open(SERVING("http://127.0.0.1:8123/a/"));
  window.api.env.asExternalUri = async () => window.api.Uri.parse("https://editor.example/proxy/8123/a/");
  await window.run("dreamrunner.preview");
  assert.match(window.messages[0].text, /answers to the loopback alone/);
  assert.ok(window.panels[0].disposed);
  await window.until(() => existsSync(join(folder, "stopped")));
});

test("a panel closes when its process ends", async () => {
  await open(`console.log("http://127.0.0.1:8123/a/"); setTimeout(() => process.exit(0), 300);`);
  await window.run("dreamrunner.preview");
  assert.notEqual(window.panels[0].webview.html, "");
  await window.until(() => window.panels[0].disposed);
});
