// The commands that run once and end: check, storyboard, build. What they say goes to the output channel.

import * as path from "node:path";
import * as vscode from "vscode";
import { reason, settings, start } from "./command";
import { isName, StoryServer } from "./server";

/** How a command ended: its exit code (null where it was stopped) and what it wrote. */
interface Outcome {
  code: number | null;
  out: string;
  told: string;
}

const [DONE, STORY_ERROR] = [0, 1];

export class Runner {
  private readonly running = new Set<string>();

  constructor(
    private readonly output: vscode.OutputChannel,
    private readonly server: StoryServer,
  ) {}

  async check(): Promise<void> {
    const outcome = await this.run("Checking", (file) => ["check", file]);
    if (outcome?.code === DONE || outcome?.code === STORY_ERROR) {
      const say = outcome.code === DONE ? vscode.window.showInformationMessage : vscode.window.showWarningMessage;
      await this.offer(say, lines(outcome.out).at(-1) ?? "Nothing is wrong.");
    }
  }

  /** Draw the storyboard of the active story, or of the one that a link stands in. */
  async storyboard(uri?: unknown): Promise<void> {
    const outcome = await this.run("Drawing the storyboard of", (file) => ["storyboard", file], uri);
    const [picture, page] = made(outcome);
    if (picture === undefined) {
      return;
    }
    await vscode.commands.executeCommand("vscode.open", picture, {
      viewColumn: vscode.ViewColumn.Beside,
      preserveFocus: true,
    });
    const play = "Play It in the Browser";
    if (page && (await vscode.window.showInformationMessage("The storyboard is drawn.", play)) === play) {
      await vscode.env.openExternal(page);
    }
  }

  async build(): Promise<void> {
    await this.film("Filming", (file) => ["build", file]);
  }

  /** Film the scene under the cursor, or the one that a link stands above. */
  async buildScene(uri?: unknown, named?: unknown): Promise<void> {
    const scene = await this.scene(named);
    if (scene !== undefined) {
      await this.film(`Filming ${scene} of`, (file) => ["build", file, "--scene", scene], uri);
    }
  }

  /** Show the takes of the scene under the cursor, or of the one that a link stands above. */
  async takes(uri?: unknown, named?: unknown): Promise<void> {
    const scene = await this.scene(named);
    if (scene === undefined) {
      return;
    }
    const outcome = await this.run("Drawing the takes of", (file) => ["takes", file], uri);
    const sheet = made(outcome).find(({ fsPath }) => path.basename(fsPath) === `${scene}.png`);
    if (sheet !== undefined) {
      await vscode.commands.executeCommand("vscode.open", sheet, vscode.ViewColumn.Beside);
    } else if (outcome?.code === DONE) {
      await vscode.window.showInformationMessage(`${scene} has one take, or none yet.`);
    }
  }

  /** The scene that a link names, or the one under the cursor; undefined where there is none, which the user is told. */
  private async scene(named: unknown): Promise<string | undefined> {
    if (isName(named)) {
      return named;
    }
    const editor = vscode.window.activeTextEditor;
    if (!this.server.running) {
      await vscode.window.showWarningMessage("DreamRunner: the language server, which knows the scenes, does not run.");
      return undefined;
    }
    const scene = editor && (await this.server.sceneAt(editor.document, editor.selection.active.line));
    if (scene === undefined) {
      await vscode.window.showWarningMessage("DreamRunner: put the cursor into a scene; there is none here.");
    }
    return scene;
  }

  private async film(doing: string, command: (file: string) => string[], uri?: unknown): Promise<void> {
    const more = settings().get<string[]>("buildArguments", []);
    const [film] = made(await this.run(doing, (file) => [...command(file), ...more], uri));
    if (film === undefined) {
      return;
    }
    const watch = "Watch It";
    const told = `${path.basename(film.fsPath)} is filmed.`;
    if ((await vscode.window.showInformationMessage(told, watch)) === watch) {
      await vscode.commands.executeCommand("vscode.open", film, vscode.ViewColumn.Beside);
    }
  }

  /** Save the story and run a command on it; undefined where it was not run to its end, which the user was told. */
  private async run(
    doing: string,
    command: (file: string) => string[],
    uri?: unknown,
  ): Promise<(Outcome & Place) | undefined> {
    const place = await savedStory(uri);
    if (place === undefined) {
      return undefined;
    }
    const args = command(place.file);
    const key = args.join("\0");
    if (this.running.has(key)) {
      await this.offer(vscode.window.showInformationMessage, "This is being done already.");
      return undefined;
    }
    this.running.add(key);
    try {
      const title = `${doing} ${path.basename(place.file)}`;
      const outcome = await vscode.window.withProgress(
        { location: vscode.ProgressLocation.Notification, title, cancellable: true },
        (progress, stop) => this.follow(args, place.folder, progress, stop),
      );
      if (outcome.code !== null && outcome.code > STORY_ERROR) {
        await this.offer(vscode.window.showErrorMessage, `DreamRunner: ${reason(outcome.told) || "it failed."}`);
      } else if (outcome.code === STORY_ERROR && args[0] !== "check") {
        await this.offer(vscode.window.showErrorMessage, "The story has errors, so nothing was made.");
      }
      return { ...outcome, ...place };
    } catch (error) {
      await vscode.window.showErrorMessage(`DreamRunner: ${(error as Error).message}`);
      return undefined;
    } finally {
      this.running.delete(key);
    }
  }

  private async follow(
    args: string[],
    folder: string,
    progress: vscode.Progress<{ message: string }>,
    stop: vscode.CancellationToken,
  ): Promise<Outcome> {
    this.output.appendLine(`> dreamrunner ${args.map((each) => JSON.stringify(each)).join(" ")}`);
    const child = await start(args, folder);
    let [out, told] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      out += text;
      this.output.append(text);
    });
    child.stderr.on("data", (text: string) => {
      told += text;
      this.output.append(text);
      const message = lines(text).at(-1);
      if (message) {
        progress.report({ message });
      }
    });
    // What is finished is kept: the command takes an interruption as a user's Ctrl-C.
    const watch = stop.onCancellationRequested(() => child.kill("SIGINT"));
    try {
      const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
      return { code: stop.isCancellationRequested ? null : code, out, told };
    } finally {
      watch.dispose();
    }
  }

  private async offer(say: typeof vscode.window.showInformationMessage, message: string): Promise<void> {
    const show = "Show the Output";
    if ((await say(message, show)) === show) {
      this.output.show(true);
    }
  }
}

/** A story's file and the folder that commands on it are run in: the workspace's, or the file's own. */
export interface Place {
  file: string;
  folder: string;
}

/**
 * The story in the active editor, or the one whose URI a link names, saved; undefined where there is none or it can't be
 * saved. What a menu hands over is no such URI: it is no string.
 */
export async function savedStory(uri?: unknown): Promise<Place | undefined> {
  const wanted = typeof uri === "string" ? vscode.Uri.parse(uri, true).toString() : undefined;
  const document =
    wanted === undefined
      ? vscode.window.activeTextEditor?.document
      : vscode.workspace.textDocuments.find((each) => each.uri.toString() === wanted);
  if (document?.languageId !== "dreamrunner") {
    await vscode.window.showWarningMessage("DreamRunner: open a .story file first.");
    return undefined;
  }
  if (document.uri.scheme !== "file" || (document.isDirty && !(await document.save()))) {
    await vscode.window.showWarningMessage("DreamRunner: save the story first.");
    return undefined;
  }
  const file = document.uri.fsPath;
  return { file, folder: vscode.workspace.getWorkspaceFolder(document.uri)?.uri.fsPath ?? path.dirname(file) };
}

/** The files that a command says it made, where it went well. */
function made(outcome: (Outcome & Place) | undefined): vscode.Uri[] {
  if (outcome?.code !== DONE) {
    return [];
  }
  return lines(outcome.out).map((line) => vscode.Uri.file(path.resolve(outcome.folder, line)));
}

function lines(text: string): string[] {
  return text.split(/\r?\n/).map((line) => line.trim()).filter(Boolean);
}
