// The preview beside the text: the page that `dreamrunner preview` serves, in a panel that ends it when it is closed.

import { ChildProcessWithoutNullStreams as Process } from "node:child_process";
import { randomBytes } from "node:crypto";
import * as path from "node:path";
import * as vscode from "vscode";
import { reason, start } from "./command";
import { savedStory } from "./running";
import { isName } from "./server";

/** The page's address as the command prints it: on the loopback, with its token. */
const ADDRESS = /^http:\/\/127\.0\.0\.1:\d+\/[\w-]+\/$/m;

/** Where the page may be found from outside: a port that VS Code forwards is the loopback's, too. */
const LOOPBACK = /^http:\/\/(127\.0\.0\.1|localhost):\d+\//;

const LONGEST_WAIT = 30_000;

export class Previews implements vscode.Disposable {
  private readonly panels = new Map<string, vscode.WebviewPanel>();
  private readonly addresses = new Map<string, string>();

  constructor(private readonly output: vscode.OutputChannel) {}

  /** Show the preview of the active story, or of the one that a link names, at its scene; a story has one panel. */
  async show(uri?: unknown, scene?: unknown): Promise<void> {
    const place = await savedStory(uri);
    if (place === undefined) {
      return;
    }
    const part = isName(scene) ? `#${scene}` : "";
    const shown = this.panels.get(place.file);
    if (shown !== undefined) {
      shown.reveal(undefined, true);
      const address = this.addresses.get(place.file);
      if (part && address !== undefined) {
        shown.webview.html = frame(address + part);
      }
      return;
    }
    const panel = vscode.window.createWebviewPanel(
      "dreamrunner.preview",
      `Preview ${path.basename(place.file)}`,
      { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true },
      { enableScripts: true, retainContextWhenHidden: true },
    );
    this.panels.set(place.file, panel);
    let server: Process | undefined;
    let closed = false;
    panel.onDidDispose(() => {
      closed = true;
      this.panels.delete(place.file);
      this.addresses.delete(place.file);
      server?.kill("SIGINT");
    });
    try {
      server = await start(["preview", "--no-open", place.file], place.folder);
      if (closed) {
        server.kill("SIGINT");
        return;
      }
      const address = await this.address(server);
      server.once("exit", () => panel.dispose());
      const outside = await vscode.env.asExternalUri(vscode.Uri.parse(address, true));
      if (!LOOPBACK.test(outside.toString(true))) {
        throw new Error("the preview answers to the loopback alone, which VS Code behind a proxy can't show.");
      }
      this.addresses.set(place.file, outside.toString(true));
      panel.webview.html = frame(outside.toString(true) + part);
    } catch (error) {
      if (!closed) {
        panel.dispose(); // ends the process
        await vscode.window.showErrorMessage(`DreamRunner: ${(error as Error).message}`);
      }
    }
  }

  dispose(): void {
    for (const panel of [...this.panels.values()]) {
      panel.dispose();
    }
  }

  /** Wait for the address. Rejects with what the command said where it ends without one, or says none in time. */
  private address(server: Process): Promise<string> {
    return new Promise((resolve, reject) => {
      let [out, told] = ["", ""];
      const late = setTimeout(() => reject(new Error("the preview does not start.")), LONGEST_WAIT);
      server.once("close", () => reject(new Error(reason(told) || "the preview has ended; the output says why.")));
      server.stdout.setEncoding("utf8").on("data", (text: string) => {
        out += text;
        const found = ADDRESS.exec(out);
        if (found !== null) {
          clearTimeout(late);
          resolve(found[0]);
        }
      });
      server.stderr.on("data", (text: string) => {
        told += text;
        this.output.append(text);
      });
      server.once("exit", () => clearTimeout(late));
    });
  }
}

/** A page that holds nothing but the preview's own. */
function frame(address: string): string {
  const nonce = randomBytes(16).toString("base64");
  const origin = new URL(address).origin;
  const policy = `default-src 'none'; frame-src ${origin}; style-src 'nonce-${nonce}'`;
  const source = address.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<style nonce="${nonce}">html, body, iframe { width: 100%; height: 100%; margin: 0; padding: 0; border: 0 }</style>
<title>Preview</title>
</head>
<body><iframe src="${source}" title="Preview"></iframe></body>
</html>`;
}
