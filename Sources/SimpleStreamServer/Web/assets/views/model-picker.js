import { contextNote, grouped, isDemo, keyHelp, keyNote, modelKey, providerName } from "../models.js";
import { el } from "./dom.js";
import { icon } from "./icons.js";

/** The button that names the model, and the list to choose another from. */
export class ModelPicker {
  #models = [];
  #chosen = null;
  #onChoose;
  #options = [];
  #current = -1;

  constructor({ onChoose }) {
    this.#onChoose = onChoose;
    this.label = el("span", { class: "model-label", text: "Choose a model" });
    this.button = el("button", {
      type: "button", class: "model-button", "aria-haspopup": "listbox", "aria-expanded": "false", on: { click: () => this.#toggle() },
    }, this.label, icon("down"));
    this.search = el("input", {
      type: "search", placeholder: "Find a model", "aria-label": "Find a model", autocomplete: "off", spellcheck: "false",
      role: "combobox", "aria-expanded": "true", "aria-controls": "model-list", on: { input: () => this.#draw(), keydown: (event) => this.#key(event) },
    });
    this.list = el("div", { class: "model-list", id: "model-list", role: "listbox", "aria-label": "Models" });
    this.help = el("p", { class: "model-help", role: "status", hidden: true });
    this.panel = el("div", { class: "model-panel", hidden: true }, el("label", { class: "search" }, icon("search"), this.search), this.list, this.help);
    this.veil = el("div", { class: "veil", hidden: true, on: { click: () => this.close() } });
    this.element = el("div", { class: "model-picker" }, this.button, this.veil, this.panel);
    document.addEventListener("pointerdown", (event) => {
      if (this.isOpen && !this.element.contains(event.target)) this.close();
    });
  }

  get isOpen() {
    return !this.panel.hidden;
  }

  setModels(models) {
    this.#models = models;
    this.search.parentElement.hidden = models.length < 8;
    if (this.isOpen) this.#draw();
  }

  choose(model) {
    this.#chosen = model;
    this.label.textContent = model ? model.displayName || model.id : "No model";
    this.button.setAttribute("aria-label", model ? `Model: ${model.displayName || model.id}, ${providerName(model.provider)}` : "Choose a model");
    this.button.classList.toggle("demo", model !== null && isDemo(model));
    this.button.classList.toggle("unmarked", model !== null && !/demo/i.test(model.displayName ?? ""));
  }

  close() {
    if (!this.isOpen) return;
    this.panel.hidden = true;
    this.veil.hidden = true;
    this.button.setAttribute("aria-expanded", "false");
    this.button.focus({ preventScroll: true });
  }

  #toggle() {
    if (this.isOpen) {
      this.close();
      return;
    }
    this.panel.hidden = false;
    this.veil.hidden = false;
    this.button.setAttribute("aria-expanded", "true");
    this.search.value = "";
    this.help.hidden = true;
    this.#draw();
    if (this.search.parentElement.hidden) (this.#options[this.#current]?.node ?? this.panel).focus?.();
    else this.search.focus({ preventScroll: true });
  }

  #draw() {
    const words = this.search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const matching = this.#models.filter((model) => {
      const text = `${model.displayName} ${model.id} ${providerName(model.provider)}`.toLowerCase();
      return words.every((word) => text.includes(word));
    });
    this.#options = [];
    const groups = grouped(matching).map((group) => el(
      "div", { role: "group", "aria-label": providerName(group.provider) },
      el("div", { class: "group-name" }, el("span", { class: `mark mark-${group.provider.replace(/[^a-z0-9-]/g, "")}` }), el("span", { text: providerName(group.provider) })),
      ...group.models.map((model) => this.#option(model)),
    ));
    this.list.replaceChildren(...(groups.length > 0 ? groups : [el("p", { class: "nothing", text: this.#models.length > 0 ? "No such model" : "No models yet" })]));
    const chosen = this.#options.findIndex(({ model }) => this.#isChosen(model));
    this.#highlight(Math.max(chosen, 0));
  }

  #isChosen(model) {
    return this.#chosen !== null && modelKey(model) === modelKey(this.#chosen);
  }

  #option(model) {
    const chosen = this.#isChosen(model);
    const context = contextNote(model);
    const node = el(
      "button", {
        type: "button", class: "model-option", role: "option", id: `model-option-${this.#options.length}`, tabindex: "-1",
        "aria-selected": String(chosen), "aria-disabled": String(!model.available),
        on: { click: () => this.#pick(model), keydown: (event) => this.#key(event) },
      },
      el("span", { class: "option-name", text: model.displayName || model.id }),
      el("span", { class: `note${model.available ? "" : " missing"}`, text: keyNote(model) }),
      hasReasoning(model) ? el("span", { class: "badge", text: "thinks" }) : null,
      context ? el("span", { class: "badge", title: "Tokens it can read", text: context }) : null,
      chosen ? icon("check") : null,
    );
    this.#options.push({ model, node });
    return node;
  }

  #highlight(index) {
    this.#options[this.#current]?.node.classList.remove("current");
    this.#current = index;
    const node = this.#options[index]?.node;
    if (!node) return;
    node.classList.add("current");
    node.scrollIntoView({ block: "nearest" });
    this.search.setAttribute("aria-activedescendant", node.id);
    if (this.search.parentElement.hidden) node.focus();
  }

  #key(event) {
    const last = this.#options.length - 1;
    switch (event.key) {
      case "ArrowDown": this.#highlight(Math.min(this.#current + 1, last)); break;
      case "ArrowUp": this.#highlight(Math.max(this.#current - 1, 0)); break;
      case "Enter":
        if (this.#options[this.#current]) this.#pick(this.#options[this.#current].model);
        break;
      case "Escape": this.close(); break;
      default: return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  #pick(model) {
    if (!model.available) {
      this.help.textContent = keyHelp(model);
      this.help.hidden = false;
      return;
    }
    this.close();
    this.#onChoose(model);
  }
}

function hasReasoning(model) {
  return Array.isArray(model.reasoning) ? model.reasoning.length > 0 : model.reasoning === true;
}
