import { storage } from "../storage.js";
import { el, iconButton } from "./dom.js";
import { icon } from "./icons.js";

/** Where a prompt is written. It keeps a draft for each conversation. */
export class Composer {
  #onSend;
  #onStop;
  #draftKey = "draft.new";
  #tray;
  #streaming = false;
  #usable = true;

  /** `tray` holds the files that go along, `tools` are buttons beside that of the model. */
  constructor({ onSend, onStop, modelButton, tray, tools = [] }) {
    this.#onSend = onSend;
    this.#onStop = onStop;
    this.#tray = tray;
    this.area = el("textarea", {
      class: "composer-area", rows: "1", placeholder: "Ask anything", "aria-label": "Your message", autocomplete: "off", dir: "auto",
      enterkeyhint: "send",
      on: { input: () => this.#changed(), keydown: (event) => this.#key(event), paste: (event) => this.#tray.paste(event) },
    });
    this.button = iconButton(icon("send"), "Send", () => (this.#streaming ? this.#onStop() : this.submit()), { class: "send" });
    this.element = el(
      "form", { class: "composer", on: { submit: (event) => this.#submitted(event) } },
      tray.element, this.area,
      el("div", { class: "composer-row" }, tray.button, ...tools, modelButton, el("span", { class: "spring" }), this.button),
    );
    this.element.addEventListener("click", (event) => {
      if (event.target === this.element) this.area.focus();
    });
  }

  /** Shows the draft of another conversation. */
  open(id) {
    this.#draftKey = `draft.${id ?? "new"}`;
    this.area.value = storage.get(this.#draftKey) ?? "";
    this.#fit();
  }

  /** The conversation got its id; what is being written stays. */
  renamed(id) {
    storage.set(this.#draftKey, "");
    this.#draftKey = `draft.${id}`;
    this.#changed();
  }

  setText(text) {
    this.area.value = text;
    this.#changed();
    this.focus();
  }

  focus() {
    this.area.focus({ preventScroll: true });
  }

  setState({ streaming, stopping, usable }) {
    this.#usable = usable;
    if (streaming !== this.#streaming) {
      this.#streaming = streaming;
      this.button.replaceChildren(icon(streaming ? "stop" : "send"));
      this.button.classList.toggle("stop", streaming);
      const label = streaming ? "Stop" : "Send";
      this.button.setAttribute("aria-label", label);
      this.button.title = streaming ? "Stop (Esc)" : "Send (Enter)";
    }
    this.button.disabled = streaming ? stopping : !this.#canSend();
  }

  submit() {
    if (this.#streaming || !this.#canSend()) return;
    if (!this.#onSend(this.area.value.trim(), () => this.#tray.take())) return;
    this.area.value = "";
    this.#changed();
  }

  /** The files changed. */
  trayChanged() {
    if (!this.#streaming) this.button.disabled = !this.#canSend();
  }

  #submitted(event) {
    event.preventDefault();
    this.submit();
  }

  #key(event) {
    // Enter that ends a composition (Japanese, Chinese, Korean) is part of the word.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    this.submit();
  }

  #changed() {
    storage.set(this.#draftKey, this.area.value);
    this.#fit();
  }

  #fit() {
    this.area.style.height = "auto";
    this.area.style.height = `${Math.min(this.area.scrollHeight, window.innerHeight * 0.4)}px`;
    if (!this.#streaming) this.button.disabled = !this.#canSend();
  }

  /** Something to say, and every file there. */
  #canSend() {
    return this.#usable && this.#tray.isReady && (this.area.value.trim() !== "" || !this.#tray.isEmpty);
  }
}
