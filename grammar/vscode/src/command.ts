// Where the `dreamrunner` command lies, and how it is run: always with its arguments as a list, never through a shell.

import { ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { constants, promises as files } from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as vscode from "vscode";

/** There is no such command. The message says what to do. */
export class CommandMissing extends Error {
  constructor(command: string) {
    super(
      `there is no command ${command}. Install DreamRunner, as its docs/install.md says, ` +
        "or say where it is in the setting dreamrunner.command.",
    );
  }
}

/** The path of the command that the settings name. Throws {@link CommandMissing}. */
export async function commandPath(): Promise<string> {
  const command = settings().get<string>("command", "").trim() || "dreamrunner";
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
  const named = command.replace(/^~(?=[/\\])/, () => os.homedir()).replaceAll("${workspaceFolder}", () => folder ?? "");
  // A bare name is looked up here and not by the system, which on Windows looks into the current folder first.
  const places = /[/\\]/.test(named)
    ? [path.resolve(folder ?? os.homedir(), named)]
    : (process.env.PATH ?? "").split(path.delimiter).filter(path.isAbsolute).map((place) => path.join(place, named));
  const endings = process.platform === "win32" ? ["", ".exe"] : [""];
  for (const place of places.flatMap((each) => endings.map((ending) => each + ending))) {
    if (await isProgram(place)) {
      return place;
    }
  }
  throw new CommandMissing(command);
}

/** Start the command; resolves once it runs. Its output is UTF-8 wherever that is. Throws {@link CommandMissing}. */
export async function start(args: readonly string[], folder?: string): Promise<ChildProcessWithoutNullStreams> {
  const command = await commandPath();
  const env = { ...process.env, PYTHONIOENCODING: "utf-8" };
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: folder, env, shell: false, windowsHide: true });
    child.on("error", (error) => reject(new Error(`${command} can't be run: ${error.message}`)));
    child.once("spawn", () => {
      child.stderr.setEncoding("utf8");
      resolve(child);
    });
  });
}

/** The last error that a command told on standard error, or "". */
export function reason(told: string): string {
  const errors = told.split("\n").filter((line) => /(^|\s)error: /.test(line));
  return errors.at(-1)?.replace(/^.*?error: /, "").trim() ?? "";
}

export function settings(): vscode.WorkspaceConfiguration {
  return vscode.workspace.getConfiguration("dreamrunner");
}

async function isProgram(place: string): Promise<boolean> {
  try {
    await files.access(place, constants.X_OK);
    return (await files.stat(place)).isFile();
  } catch {
    return false;
  }
}
