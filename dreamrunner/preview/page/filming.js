// Filming a scene from the page, and playing it once it is there.

import { button } from "./fields.js";
import { post } from "./sending.js";

export class Filming {
  constructor(page) {
    this.page = page;
    this.state = { now: null, waiting: [], failed: {} };
    this.awaited = null; // the scene to play once its film is there, with the films that it had before
  }

  /* Take what the server tells of it. */
  arrive(state) {
    const before = this.state.now;
    this.state = state || { now: null, waiting: [], failed: {} };
    const { now, waiting, failed } = this.state;
    const line = byId("filming");
    line.hidden = !now;
    if (now) {
      const bar = document.createElement("progress");
      if (now.share !== null) bar.value = now.share;
      bar.setAttribute("aria-label", `filming ${now.scene}`);
      const left = now.left ? `, ${Math.ceil(now.left)} s left` : "";
      const then = waiting.length > 0 ? `, then ${waiting.join(", ")}` : "";
      line.replaceChildren(
        html("span", "", `Filming ${now.scene}: ${now.words}${left}${then}`), bar, button("Stop", () => post("stop"), { key: "stop" }),
      );
    }
    if (before && (!now || now.scene !== before.scene)) {
      const why = failed[before.scene];
      if (why) this.page.say(`Not filmed: ${why}.`, true);
      else this.page.say(`${before.scene} is filmed.`);
    }
    this.page.listAgain();
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
