// What VS Code calls: starts the language server and registers the commands.

import * as vscode from "vscode";
import { Previews } from "./preview";
import { Runner } from "./running";
import { StoryServer } from "./server";

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const output = vscode.window.createOutputChannel("DreamRunner");
  const server = new StoryServer();
  const runner = new Runner(output, server);
  const previews = new Previews(output);
  const commands: Record<string, (uri?: unknown, scene?: unknown) => unknown> = {
    "dreamrunner.check": () => runner.check(),
    "dreamrunner.storyboard": (uri) => runner.storyboard(uri),
    "dreamrunner.build": () => runner.build(),
    "dreamrunner.buildScene": (uri, scene) => runner.buildScene(uri, scene),
    "dreamrunner.takes": (uri, scene) => runner.takes(uri, scene),
    "dreamrunner.preview": (uri, scene) => previews.show(uri, scene),
    "dreamrunner.restart": () => server.restart(),
    "dreamrunner.showOutput": () => output.show(),
  };
  context.subscriptions.push(
    output,
    server,
    previews,
    ...Object.entries(commands).map(([name, run]) => vscode.commands.registerCommand(name, run)),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("dreamrunner.command") || change.affectsConfiguration("dreamrunner.debounce")) {
        void server.restart();
      }
    }),
  );
  await server.restart();
}
