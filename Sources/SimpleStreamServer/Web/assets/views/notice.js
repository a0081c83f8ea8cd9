import { el } from "./dom.js";

/** Short words about what happened, at the edge of the page and for screen readers. */
export class Notices {
  #timer;

  constructor() {
    this.toast = el("div", { class: "toast", role: "status", hidden: true });
    this.spoken = el("div", { class: "visually-hidden", role: "status", "aria-live": "polite" });
    this.connection = el("div", { class: "connection", role: "status", hidden: true });
  }

  show(text) {
    clearTimeout(this.#timer);
    this.toast.textContent = text;
    this.toast.hidden = false;
    this.#timer = setTimeout(() => {
      this.toast.hidden = true;
    }, 5000);
  }

  /** Read out, not shown. */
  say(text) {
    this.spoken.textContent = text;
  }

  /** Text about the connection; empty when all is well. */
  setConnection(text) {
    this.connection.textContent = text;
    this.connection.hidden = text === "";
  }
}
