// The live page: a player whose board comes anew on every save, and everything that a director does beside it.

import { History } from "./history.js";
import { Filming } from "./filming.js";
import { Footage } from "./footage.js";
import { keepFocus } from "./fields.js";
import { drawMessages } from "./messages.js";
import { drawScenes, drawStrip, newScene } from "./scenes.js";
import { post } from "./sending.js";
import { drawHeader } from "./sound.js";
import { Stage } from "./stage.js";
import { Timeline } from "./timeline.js";

const PATIENCE = 2000; // milliseconds to wait for the board that shows what was written
const EMPTY = {
  title: "", style: "", planner: "", aspect: 1.5, cast: [], origins: [], scenes: [], diagnostics: [], outline: [], fills: {},
  seen: "", known: [], places: [], casts: {}, undo: false, redo: false, films: false,
  sound: { narrator: "", music: "", speakers: {}, played: {}, voices: [] },
};

class Preview extends Player {
  constructor() {
    super(EMPTY);
    this.waiting = null; // the board that came while something was being done
    this.held = false; // whether boards wait
    this.shownScene = ""; // the scene whose card is open
    this.arrivals = []; // who waits for a board
    this.changing = Promise.resolve(); // changes go one after another
    this.asked = location.hash.slice(1); // the scene that the address names, until it is shown
    this.text = { seen: "" }; // what stands for the text that is shown, or for what the page has made of that since
    this.footage = new Footage(this);
    this.stage = new Stage(this);
    this.timeline = new Timeline(this);
    this.filming = new Filming(this);
    this.history = new History(this);
    this.connect();
    document.addEventListener("visibilitychange", () => this.connect());
    addEventListener("hashchange", () => this.showAsked(location.hash.slice(1)));
  }

  /* Boards come as long as somebody looks: a browser keeps few connections to one server. */
  connect() {
    if (document.hidden) {
      if (this.events) this.events.close();
      this.events = null;
    } else if (!this.events) {
      this.events = new EventSource("events");
      this.events.onmessage = (event) => this.arrive(JSON.parse(event.data));
      this.events.addEventListener("filming", (event) => this.filming.arrive(JSON.parse(event.data)));
      this.events.onopen = () => this.tellLink("");
      this.events.onerror = () => this.tellLink("Not connected: dreamrunner preview has ended, or is not answering.");
    }
  }

  tellLink(words, wrong = true) {
    byId("link").textContent = words;
    byId("link").hidden = !words;
    byId("link").classList.toggle("wrong", wrong);
  }

  /* Show a board, once nothing is under way that it would take away. */
  arrive(board) {
    this.waiting = board;
    this.rest();
  }

  rest() {
    const board = this.waiting;
    if (!board || this.held || this.stage.busy) return;
    this.waiting = null;
    this.stage.draft = null;
    this.take(board);
    this.showAsked(this.asked);
    this.filming.look(board);
    for (const told of this.arrivals.splice(0)) told();
  }

  /* Show the scene that an editor's link asked for, as soon as it is there. */
  showAsked(name) {
    const number = this.board.scenes.findIndex((scene) => scene.name === name);
    this.asked = number >= 0 ? "" : name;
    if (number >= 0) this.show(this.starts[number]);
  }

  /* Have boards wait, or no longer. */
  hold(on) {
    this.held = on;
    this.rest();
  }

  take(board) {
    document.title = `${board.title} · preview`;
    this.text = { seen: board.seen };
    super.take(board);
    byId("player").hidden = board.scenes.length === 0;
    if (this.history) this.history.take(board);
  }

  // Changing

  /* Make a director's change of the text that is shown: whether it was made. `then` names the scene to show. */
  change(change, then = "") {
    // What was seen is what was shown when it was asked for, and what the page itself has made of that since.
    const { text } = this;
    const done = this.changing.then(() => this.write(text, change, then));
    this.changing = done.catch(() => false);
    return done;
  }

  async write(text, change, then) {
    const arrived = new Promise((resolve) => this.arrivals.push(resolve));
    const { told, wrong } = await post("change", { seen: text.seen, change });
    this.say(wrong ? `Not written: ${wrong}.` : `Written: ${told.file}, line ${told.line}.`, wrong !== "");
    if (wrong) return false;
    if (told.seen === text.seen) return true;
    text.seen = told.seen;
    await Promise.race([arrived, new Promise((resolve) => setTimeout(resolve, PATIENCE))]);
    const number = this.board.scenes.findIndex((scene) => scene.name === then);
    if (number >= 0) this.show(this.starts[number]);
    return true;
  }

  /* Wait until what is on its way is written. */
  async settle() {
    this.stage.flush();
    await this.changing;
  }

  async takeFill(scene, fill) {
    const { told, wrong } = await post("take", { scene, fill });
    this.tellLink(wrong ? `Not taken: ${wrong}.` : `Taken: ${told.file}, line ${told.line}.`, wrong !== "");
  }

  say(words, wrong = false) {
    byId("said").textContent = words;
    byId("said").classList.toggle("wrong", wrong);
  }

  // Showing

  tellMessages() {
    const messages = drawMessages(this.board);
    byId("messages").hidden = messages.length === 0;
    byId("messages").replaceChildren(...messages);
    const count = this.board.diagnostics.length;
    byId("count").hidden = count === 0;
    byId("count").textContent = count === 1 ? "1 message" : `${count} messages`;
    byId("count").classList.toggle("wrong", this.board.diagnostics.some((item) => item.severity === "error"));
  }

  listScenes() {
    if (!this.filming) return;
    const draw = () => {
      const drawn = drawScenes(this);
      this.cards = [];
      for (const { number, card } of drawn) if (number !== undefined) this.cards[number] = card;
      byId("scenes").replaceChildren(...drawn.map(({ card }) => card));
      byId("strip").replaceChildren(...drawStrip(this));
      byId("wide").replaceChildren(...drawHeader(this));
      if (drawn.length === 0) byId("scenes").append(html("li", "scene", newScene(this, "")));
    };
    keepFocus(draw);
  }

  /* Draw the list anew where something beside the board has changed. */
  listAgain() {
    if (this.held) return;
    this.listScenes();
    this.show(this.time);
  }

  show(time) {
    if (!this.filming) return;
    super.show(time);
    const { scene, time: moment } = this.place();
    if (!scene) return;
    this.footage.show(scene, moment);
    this.stage.showTools(scene, moment);
    this.timeline.show(scene, moment, this.stage.chosen);
  }

  /* Go to a moment of a scene. */
  go(scene, moment) {
    this.show(this.starts[this.board.scenes.indexOf(scene)] + moment);
  }

  place() {
    const place = placeOf(this.starts, this.time);
    const scene = this.board.scenes[place.number];
    return { ...place, scene, time: scene ? Math.min(place.time, scene.duration - 1e-6) : 0 };
  }

  drawStage(scene, moment) {
    this.stage.draw(scene, moment);
  }

  /* The card of the scene that is shown is open, the others say what they are. */
  markCards(shown) {
    const { name } = this.board.scenes[shown];
    if (this.shownScene !== name && !this.held) {
      this.shownScene = name;
      this.listScenes();
      // Where the list is moved by itself, the open card is at its top.
      const list = byId("list"), card = this.cards[shown];
      if (card && list.scrollHeight > list.clientHeight) list.scrollTop = shown === 0 ? 0 : card.offsetTop - list.offsetTop;
    }
    this.cards.forEach((card, number) => {
      card.classList.toggle("current", number === shown);
      if (number === shown) card.setAttribute("aria-current", "true");
      else card.removeAttribute("aria-current");
    });
  }
}

new Preview();
