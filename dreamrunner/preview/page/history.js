// Undo and redo, of the page's changes and of the editor's.

import { post } from "./sending.js";

export class History {
  constructor(page) {
    this.page = page;
    byId("undo").addEventListener("click", () => this.go("undo"));
    byId("redo").addEventListener("click", () => this.go("redo"));
    document.addEventListener("keydown", (event) => this.press(event));
  }

  take(board) {
    byId("undo").disabled = !board.undo;
    byId("redo").disabled = !board.redo;
  }

  press(event) {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.target.closest("textarea, input:not([type=range])")) return;
    const key = event.key.toLowerCase();
    const way = key === "y" || (key === "z" && event.shiftKey) ? "redo" : key === "z" ? "undo" : null;
    if (!way) return;
    event.preventDefault();
    this.go(way);
  }

  async go(way) {
    await this.page.settle();
    const { told, wrong } = await post(way);
    const done = way === "undo" ? "Undone" : "Redone";
    this.page.say(wrong ? `Not ${done.toLowerCase()}: ${wrong}.` : `${done}: ${told.file}, line ${told.line}.`, wrong !== "");
  }
}
