// The film of the scene that is shown, under its boxes, and what is heard.

const DRIFT = 0.2; // seconds that a playing film may be off before it is put right

export class Footage {
  constructor(page) {
    this.page = page;
    this.withFilm = true;
    this.withSound = true;
    byId("filmed").addEventListener("click", () => {
      this.withFilm = !this.withFilm;
      page.show(page.time);
    });
    byId("sound").addEventListener("click", () => {
      this.withSound = !this.withSound;
      page.show(page.time);
    });
  }

  /* Show the film of a scene at a moment, and go on with it where the page is playing. */
  show(scene, moment) {
    const there = scene.filmed.digest !== "";
    const on = there && this.withFilm;
    press("filmed", there, this.withFilm);
    press("sound", there, this.withSound);
    byId("stage").classList.toggle("filmed", on);
    byId("film").hidden = !on;
    const place = `${encodeURIComponent(scene.name)}/${scene.filmed.digest}`;
    if (on) {
      this.place(this.page.stage.margin(scene));
      byId("film").muted = !this.withSound;
      this.follow(byId("film"), `film/${place}`, moment);
    } else byId("film").pause();
    if (there && scene.filmed.sound && this.withSound) this.follow(byId("voice"), `sound/${place}`, moment);
    else byId("voice").pause();
  }

  /* Have a film or a sound be at a moment. While one moment is being looked for, the next one waits; the last one asked
     for is always reached. */
  follow(media, source, moment) {
    if (media.getAttribute("src") !== source) {
      media.setAttribute("src", source);
      media.onloadeddata = () => this.page.show(this.page.time);
      media.onseeked = () => this.page.playing || this.page.show(this.page.time);
      return;
    }
    if (media.readyState < 1 || media.seeking) return;
    const wanted = Math.min(moment, Math.max(0, media.duration - 0.01));
    const off = Math.abs(media.currentTime - wanted);
    if (this.page.playing) {
      if (off > DRIFT) media.currentTime = wanted;
      // Where a browser lets nothing be heard yet, the film goes on without.
      if (media.paused && wanted < media.duration - 0.05) media.play().catch(() => { media.muted = true; });
    } else {
      media.pause();
      if (off > 0.01) media.currentTime = wanted;
    }
  }

  /* The film lies in the frame, also where a margin is drawn round that. */
  place(margin) {
    const share = 100 / (1 + 2 * margin);
    Object.assign(byId("film").style, {
      left: `${margin * share}%`, top: `${margin * share}%`, width: `${share}%`, height: `${share}%`,
    });
  }
}

function press(id, there, on) {
  byId(id).hidden = !there;
  byId(id).setAttribute("aria-pressed", String(on));
}
