// Filming a scene from the page, and playing it once it is there.

import { post } from "./sending.js";

export class Filming {
  constructor(page) {
    this.page = page;
    this.state = { now: null, waiting: [], failed: {} };
    byId("stop").addEventListener("click", () => post("stop"));
    this.awaited = null; // the scene to play once its film is there, with the films that it had before
  }

  /* Take what the server tells of it. */
  arrive(state) {
    const before = this.state;
    this.state = state || { now: null, waiting: [], failed: {} };
    const { now, failed } = this.state;
    this.tellProgress();
    const was = before.now;
    if (was && (!now || now.scene !== was.scene || now.seed !== was.seed)) {
      const why = failed[was.scene];
      this.page.say(why ? `Not filmed: ${why}.` : `No longer filming ${was.scene}.`, Boolean(why));
    }
    // How far it is changes often, and is told above; the list only says which scenes are at it.
    const listed = ({ now: at, waiting, failed: not }) => JSON.stringify([at && at.scene, waiting, not]);
    if (listed(before) !== listed(this.state)) this.page.listAgain();
  }

  tellProgress() {
    const { now, waiting } = this.state;
    const line = byId("filming");
    line.hidden = !now;
    if (!now) return;
    const left = now.left ? `, ${Math.ceil(now.left)} s left` : "";
    const then = waiting.length > 0 ? `, then ${waiting.join(", ")}` : "";
    line.querySelector("span").textContent = `Filming ${now.scene}: ${now.words}${left}${then}`;
    const bar = line.querySelector("progress");
    if (now.share === null) bar.removeAttribute("value");
    else bar.value = now.share;
  }

  async start(scene, seed = null) {
    this.awaited = { scene: scene.name, had: scene.takes.map((take) => take.digest) };
    const { wrong } = await post("film", { scene: scene.name, seed });
    if (wrong) this.page.say(`Not filmed: ${wrong}.`, true);
  }

  /* Play a film that was waited for, once a board has it. */
  look(board) {
    const { awaited } = this;
    const number = awaited ? board.scenes.findIndex((scene) => scene.name === awaited.scene) : -1;
    if (number < 0) return;
    if (!board.scenes[number].takes.some((take) => !awaited.had.includes(take.digest))) return;
    this.awaited = null;
    this.page.footage.withFilm = true;
    this.page.show(this.page.starts[number]);
    this.page.play(true);
  }

  /* What a scene's card says of it. */
  tell(name) {
    const { now, waiting, failed } = this.state;
    if (now && now.scene === name) return "being filmed";
    if (waiting.includes(name)) return "waits to be filmed";
    return failed[name] ? "could not be filmed" : "";
  }
}
