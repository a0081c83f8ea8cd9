import { seconds } from "../format.js";
import { MarkdownView } from "../markdown/render.js";
import { el } from "./dom.js";
import { icon } from "./icons.js";

let panels = 0;

/** What a model thought before it answered: closed, with its time, which runs while it thinks. */
export class ThinkingView {
  #text = new MarkdownView();
  #label = el("span", { class: "thinking-label" });
  #open = false;
  #started = null;
  #ticker = null;
  #latest = null;

  constructor() {
    const id = `thinking-${++panels}`;
    this.button = el(
      "button", { type: "button", class: "thinking-button", "aria-expanded": "false", "aria-controls": id, on: { click: () => this.#toggle() } },
      icon("spark"), this.#label, icon("down"),
    );
    this.body = el("div", { class: "thinking-body", id, hidden: true }, this.#text.element);
    this.element = el("section", { class: "thinking", hidden: true }, this.button, this.body);
  }

  update(message) {
    const text = message.thinkingText ?? "";
    this.element.hidden = text === "";
    if (text === "") return;
    this.#latest = message;
    const live = message.status === "streaming" && message.isThinking === true;
    this.element.classList.toggle("live", live);
    if (live) this.#started ??= performance.now() - (message.thinkingDuration ?? 0);
    this.#tick(live);
    this.#writeLabel(live);
    if (this.#open) this.#drawText();
  }

  /** Closed panels draw nothing, however long the thoughts are. */
  #drawText() {
    const live = this.#latest.status === "streaming" && this.#latest.isThinking === true;
    this.#text.update(this.#latest.thinkingText, !live);
  }

  #toggle() {
    this.#open = !this.#open;
    this.button.setAttribute("aria-expanded", String(this.#open));
    this.body.hidden = !this.#open;
    if (this.#open) this.#drawText();
  }

  #tick(live) {
    if (live === (this.#ticker !== null)) return;
    if (live) {
      this.#ticker = setInterval(() => {
        if (this.element.isConnected) this.#writeLabel(true);
        else this.#tick(false);
      }, 100);
    } else {
      clearInterval(this.#ticker);
      this.#ticker = null;
    }
  }

  #writeLabel(live) {
    if (live) {
      this.#label.textContent = `Thinking\u2026 ${seconds(performance.now() - this.#started)}`;
      return;
    }
    const measured = this.#latest.thinkingDuration ?? (this.#started === null ? null : performance.now() - this.#started);
    if (this.#latest.thinkingDuration === undefined && measured !== null) this.#latest.thinkingDuration = measured;
    this.#label.textContent = measured === null ? "Thoughts" : `Thought for ${seconds(measured)}`;
  }
}
