// The settings: a dialog with a page each for keys, answers and models.

import { el, iconButton } from "./dom.js";
import { icon } from "./icons.js";

export class SettingsView {
  #pages;
  #current = 0;

  /** `pages` are `{name, label, element, shown(), hidden()}`. */
  constructor({ pages }) {
    this.#pages = pages;
    this.button = el("button", { type: "button", class: "foot-button", on: { click: () => this.open() } }, icon("sliders"), el("span", { text: "Settings" }));
    this.tabs = pages.map((page, index) => el(
      "button", {
        type: "button", class: "tab", role: "tab", id: `tab-${page.name}`, "aria-controls": `page-${page.name}`, "aria-selected": "false", tabindex: "-1",
        on: { click: () => this.#select(index), keydown: (event) => this.#key(event) },
      }, page.label,
    ));
    this.panels = pages.map((page) => el(
      "section", { class: "settings-page", role: "tabpanel", id: `page-${page.name}`, "aria-labelledby": `tab-${page.name}`, hidden: true }, page.element,
    ));
    this.body = el("div", { class: "settings-body" }, ...this.panels);
    this.dialog = el(
      "dialog", { class: "settings", "aria-labelledby": "settings-title" },
      el(
        "header", { class: "settings-head" }, el("h2", { id: "settings-title", text: "Settings" }),
        iconButton(icon("close"), "Close settings", () => this.dialog.close()),
      ),
      el("div", { class: "tabs", role: "tablist", "aria-label": "Settings" }, ...this.tabs),
      this.body,
    );
    this.dialog.addEventListener("close", () => {
      for (const page of this.#pages) page.hidden?.();
      this.dialog.remove();
    });
    this.dialog.addEventListener("pointerdown", (event) => {
      if (event.target === this.dialog) this.dialog.close();
    });
  }

  get isOpen() {
    return this.dialog.open;
  }

  open(name) {
    const index = this.#pages.findIndex((page) => page.name === name);
    if (!this.dialog.open) {
      document.body.append(this.dialog);
      this.dialog.showModal();
    }
    this.#select(index < 0 ? this.#current : index);
    this.tabs[this.#current].focus({ preventScroll: true });
  }

  close() {
    if (this.dialog.open) this.dialog.close();
  }

  #select(index) {
    this.#pages[this.#current].hidden?.();
    this.#current = index;
    this.tabs.forEach((tab, at) => {
      tab.setAttribute("aria-selected", String(at === index));
      tab.tabIndex = at === index ? 0 : -1;
      this.panels[at].hidden = at !== index;
    });
    this.body.scrollTop = 0;
    this.#pages[index].shown?.();
  }

  #key(event) {
    const steps = { ArrowRight: 1, ArrowLeft: -1, Home: -this.#current, End: this.tabs.length - 1 - this.#current };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    this.#select((this.#current + step + this.tabs.length) % this.tabs.length);
    this.tabs[this.#current].focus();
  }
}
