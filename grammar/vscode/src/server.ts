// The language server: one process of `dreamrunner lsp`, and what it is asked beyond what editors ask by themselves.

import * as vscode from "vscode";
import { CloseAction, ErrorAction, ExecuteCommandRequest, LanguageClient, State } from "vscode-languageclient/node";
import { commandPath, reason, settings, start } from "./command";

/** The server's command that says which scene is around a place: URI and line, from 0; its name or null. */
const SCENE_AT = "dreamrunner.sceneAt";

const NAME = /^[A-Za-z][A-Za-z0-9_-]*$/;

/** What the links above each scene ask for, with the story's URI and the scene's name as arguments. */
const LENSES = {
  preview: "dreamrunner.preview",
  film: "dreamrunner.buildScene",
  storyboard: "dreamrunner.storyboard",
  takes: "dreamrunner.takes",
};

/** The library's client, which logs what goes wrong; the user is told here, once and with what to do. */
class Client extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
}

/** Whether a value can be the name of a scene. */
export function isName(value: unknown): value is string {
  return typeof value === "string" && NAME.test(value);
}

export class StoryServer implements vscode.Disposable {
  private client: LanguageClient | undefined;
  private turn: Promise<void> = Promise.resolve();

  get running(): boolean {
    return this.client?.state === State.Running;
  }

  /** Stop the server where there is one, and start it. Where that fails, the user is told why and what to do. */
  restart(): Promise<void> {
    return this.next(async () => {
      await this.end();
      await this.begin();
    });
  }

  private async begin(): Promise<void> {
    try {
      await commandPath();
    } catch (error) {
      void this.complain((error as Error).message);
      return;
    }
    let told = "";
    let running = false;
    const client = new Client(
      "dreamrunner",
      "DreamRunner",
      async () => {
        const server = await start(["lsp"]);
        server.stderr.on("data", (text: string) => (told += text));
        return server;
      },
      {
        documentSelector: ["file", "untitled"].map((scheme) => ({ language: "dreamrunner", scheme })),
        initializationOptions: { debounce: settings().get<number>("debounce", 150), lenses: LENSES },
        initializationFailedHandler: () => false,
        errorHandler: {
          error: () => ({ action: ErrorAction.Continue, handled: true }),
          closed: () => {
            if (running && this.client === client) {
              void this.complain("the language server has ended.");
            }
            return { action: CloseAction.DoNotRestart, handled: true };
          },
        },
      },
    );
    try {
      await client.start();
      this.client = client;
      running = true;
    } catch (error) {
      void this.complain(reason(told) || (error as Error).message);
    }
  }

  /** The name of the scene around a line, counted from 0; undefined where there is none. The server must run. */
  async sceneAt(document: vscode.TextDocument, line: number): Promise<string | undefined> {
    const uri = this.client?.code2ProtocolConverter.asUri(document.uri);
    const name: unknown = await this.client?.sendRequest(ExecuteCommandRequest.type, {
      command: SCENE_AT,
      arguments: [uri, line],
    });
    return isName(name) ? name : undefined;
  }

  dispose(): void {
    void this.next(() => this.end());
  }

  private async end(): Promise<void> {
    if (this.running) {
      await this.client?.stop();
    }
    this.client = undefined;
  }

  /** Do one thing after the other: a client that is starting can't be stopped. */
  private next(work: () => Promise<void>): Promise<void> {
    this.turn = this.turn.then(work, work);
    return this.turn;
  }

  private async complain(why: string): Promise<void> {
    const settle = "Open the Setting";
    const again = "Try Again";
    const answer = await vscode.window.showErrorMessage(`DreamRunner: ${why}`, settle, again);
    if (answer === settle) {
      await vscode.commands.executeCommand("workbench.action.openSettings", "dreamrunner.command");
    } else if (answer === again) {
      await this.restart();
    }
  }
}

