// A stand-in for VS Code: what the extension asks of it is recorded, and answered as a test says.

import Module, { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";

const BUNDLE = new URL("../../out/extension.js", import.meta.url);

class Disposable {
  constructor(dispose = () => {}) {
    this.dispose = dispose;
  }
}

class Emitter {
  listeners = new Set();
  event = (listener, self) => {
    const bound = self ? listener.bind(self) : listener;
    this.listeners.add(bound);
    return new Disposable(() => this.listeners.delete(bound));
  };
  fire = (value) => this.listeners.forEach((listener) => listener(value));
  dispose = () => this.listeners.clear();
}

class CancellationTokenSource {
  stopped = new Emitter();
  token = { isCancellationRequested: false, onCancellationRequested: this.stopped.event };
  cancel() {
    this.token.isCancellationRequested = true;
    this.stopped.fire();
  }
  dispose() {}
}

/** A kind of code action, to which parts can be added. */
const kind = (value) => ({ value, append: (more) => kind(`${value}.${more}`) });

class Uri {
  constructor(text) {
    this.text = text;
    this.scheme = text.slice(0, text.indexOf(":"));
  }
  static parse = (text) => new Uri(text);
  static file = (path) => new Uri(pathToFileURL(path).href);
  get fsPath() {
    return fileURLToPath(this.text);
  }
  get path() {
    return new URL(this.text).pathname;
  }
  toString() {
    return this.text;
  }
}

class Position {
  constructor(line, character) {
    Object.assign(this, { line, character });
  }
}

class Range {
  constructor(startLine, startCharacter, endLine, endCharacter) {
    this.start = startLine instanceof Position ? startLine : new Position(startLine, startCharacter);
    this.end = startCharacter instanceof Position ? startCharacter : new Position(endLine, endCharacter);
  }
}

class Diagnostic {
  constructor(range, message, severity) {
    Object.assign(this, { range, message, severity });
  }
}

/** One VS Code with one folder open, in which the extension runs. */
export class Window {
  settings = {};
  documents = [];
  diagnostics = new Map();
  registered = new Map();
  executed = [];
  messages = [];
  answers = new Map();
  panels = [];
  opened = [];
  output = "";
  progress = [];
  stops = [];

  constructor(folder) {
    this.folder = folder;
  }

  /** Start the extension. */
  async activate() {
    const load = Module._load;
    const api = this.#api();
    Module._load = (name, ...more) => (name === "vscode" ? api : load(name, ...more));
    try {
      const require = createRequire(import.meta.url);
      delete require.cache[fileURLToPath(BUNDLE)];
      this.context = { subscriptions: [] };
      await require(fileURLToPath(BUNDLE)).activate(this.context);
    } finally {
      Module._load = load;
    }
  }

  /** Close VS Code. */
  async close() {
    this.context.subscriptions.forEach((each) => each.dispose());
  }

  /** Show a story in the active editor. */
  open(file, text, line = 0) {
    const window = this;
    const document = {
      uri: file.startsWith("untitled:") ? Uri.parse(file) : Uri.file(file),
      languageId: "dreamrunner",
      version: 1,
      isDirty: false,
      saves: 0,
      getText: () => text,
      save: async () => (document.saves++, true),
    };
    this.documents.push(document);
    this.api.window.activeTextEditor = { document, selection: { active: new Position(line, 0) } };
    window.events.onDidOpenTextDocument?.fire(document);
    return document;
  }

  run(command, ...given) {
    return this.registered.get(command)(...given);
  }

  /** Wait until something holds of the window. */
  async until(holds, patience = 30_000) {
    const end = Date.now() + patience;
    for (;;) {
      const value = holds();
      if (value) {
        return value;
      }
      if (Date.now() > end) {
        throw new Error(`waited in vain for ${holds}: ${JSON.stringify(this.messages)} ${this.output}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  #message = (kind) => async (text, ...buttons) => {
    this.messages.push({ kind, text, buttons: buttons.filter((each) => typeof each === "string") });
    return buttons.find((button) => this.answers.get(text) === button || this.answers.get("*") === button);
  };

  #api() {
    this.events = {};
    // An event that a test may fire, by its name.
    const eventful = (object) =>
      new Proxy(object, {
        get: (target, name) => {
          if (!(name in target) && /^on(Did|Will)/.test(name)) {
            this.events[name] ??= new Emitter();
            return this.events[name].event;
          }
          return target[name];
        },
      });
    const channel = () => ({
      append: (text) => (this.output += text),
      appendLine: (text) => (this.output += `${text}\n`),
      show: () => this.opened.push("output"),
      dispose() {},
      logLevel: 0,
      ...Object.fromEntries(
        ["trace", "debug", "info", "warn", "error"].map((level) => [level, (text) => (this.output += `${text}\n`)]),
      ),
      onDidChangeLogLevel: new Emitter().event,
    });
    const api = {
      version: "1.91.0",
      Disposable,
      EventEmitter: Emitter,
      CancellationTokenSource,
      Uri,
      Position,
      Range,
      Diagnostic,
      CodeActionKind: Object.fromEntries(
        ["Empty", "QuickFix", "Refactor", "RefactorExtract", "RefactorInline", "RefactorRewrite", "Source"].map(
          (name) => [name, kind(name)],
        ),
      ),
      ViewColumn: { Beside: -2 },
      ProgressLocation: { Notification: 15 },
      env: {
        language: "en",
        appName: "stand-in",
        openExternal: async (uri) => this.opened.push(uri.toString()),
        asExternalUri: async (uri) => uri,
        onDidChangeTelemetryEnabled: new Emitter().event,
      },
      commands: {
        registerCommand: (name, run) => {
          this.registered.set(name, run);
          return new Disposable(() => this.registered.delete(name));
        },
        executeCommand: async (...call) => this.executed.push(call),
      },
      languages: eventful({
        match: () => 1,
        createDiagnosticCollection: () => ({
          set: (uri, found) => this.diagnostics.set(uri.toString(), found),
          delete: (uri) => this.diagnostics.delete(uri.toString()),
          clear: () => this.diagnostics.clear(),
          dispose() {},
        }),
      }),
      window: eventful({
        createOutputChannel: channel,
        showInformationMessage: this.#message("information"),
        showWarningMessage: this.#message("warning"),
        showErrorMessage: this.#message("error"),
        visibleTextEditors: [],
        tabGroups: eventful({ all: [] }),
        withProgress: async ({ title }, work) => {
          const stop = new CancellationTokenSource();
          this.stops.push(stop);
          this.progress.push(title);
          return work({ report: ({ message }) => message && this.progress.push(message) }, stop.token);
        },
        createWebviewPanel: (kind, title) => {
          const closed = new Emitter();
          const panel = {
            kind,
            title,
            webview: { html: "" },
            reveals: 0,
            reveal: () => panel.reveals++,
            onDidDispose: closed.event,
            disposed: false,
            dispose: () => {
              if (!panel.disposed) {
                panel.disposed = true;
                closed.fire();
              }
            },
          };
          this.panels.push(panel);
          return panel;
        },
      }),
      workspace: eventful({
        textDocuments: this.documents,
        notebookDocuments: [],
        workspaceFolders: [{ uri: Uri.file(this.folder), name: "stories", index: 0 }],
        getWorkspaceFolder: (uri) =>
          uri.scheme === "file" && uri.fsPath.startsWith(this.folder) ? api.workspace.workspaceFolders[0] : undefined,
        getConfiguration: () => ({ get: (name, usual) => this.settings[name] ?? usual }),
        createFileSystemWatcher: () => eventful({ dispose() {} }),
        applyEdit: async () => true,
        fs: {},
      }),
    };
    const usual = new Map();
    this.api = new Proxy(api, {
      get: (target, name) => {
        if (name in target || typeof name === "symbol") {
          return target[name];
        }
        // A class to extend, or an enumeration.
        usual.set(name, usual.get(name) ?? { [name]: class {} }[name]);
        return usual.get(name);
      },
    });
    api.languages = new Proxy(api.languages, {
      get: (target, name) => (name.startsWith?.("register") ? () => new Disposable() : target[name]),
    });
    return this.api;
  }
}
