// All models with what is known of them: searched, and filtered by provider.

import { contextNote, keyNote, perMillion, providerName } from "../models.js";
import { el } from "./dom.js";
import { icon } from "./icons.js";

const drawnAtOnce = 60;

export class ModelsPage {
  #models = [];
  #onUse;
  #onKeys;
  #limit = drawnAtOnce;
  name = "models";
  label = "Models";

  /** `onUse(model)` chooses a model, `onKeys()` leads to the keys. */
  constructor({ onUse, onKeys }) {
    this.#onUse = onUse;
    this.#onKeys = onKeys;
    const changed = () => {
      this.#limit = drawnAtOnce;
      this.#draw();
    };
    this.search = el("input", { type: "search", placeholder: "Find a model", "aria-label": "Search the models", autocomplete: "off", spellcheck: "false", on: { input: changed } });
    this.provider = el("select", { "aria-label": "Provider", on: { change: changed } });
    this.order = el("select", { "aria-label": "Order", on: { change: changed } });
    this.order.append(...[["", "By provider"], ["price", "Cheapest first"], ["context", "Reads most first"]].map(([value, text]) => el("option", { value, text })));
    this.usable = el("input", { type: "checkbox", id: "models-usable", class: "switch", on: { change: changed } });
    this.count = el("p", { class: "model-count", role: "status" });
    this.list = el("ul", { class: "model-cards" });
    this.more = el("button", { type: "button", class: "button", text: "Show more", hidden: true, on: { click: () => this.#grow() } });
    this.element = el(
      "div", {},
      el(
        "div", { class: "model-filters" }, el("label", { class: "search" }, icon("search"), this.search), this.provider, this.order,
        el("label", { class: "switch-row", for: "models-usable" }, this.usable, el("span", { text: "Only those I can use" })),
      ),
      this.count, this.list, el("div", { class: "more-row" }, this.more),
    );
  }

  setModels(models) {
    this.#models = models;
    const chosen = this.provider.value;
    const providers = [...new Set(models.map((model) => model.provider))];
    this.provider.replaceChildren(el("option", { value: "", text: "All providers" }), ...providers.map((name) => el("option", { value: name, text: providerName(name) })));
    this.provider.value = providers.includes(chosen) ? chosen : "";
    if (this.element.isConnected) this.#draw();
  }

  shown() {
    this.#draw();
  }

  #grow() {
    this.#limit += drawnAtOnce;
    this.#draw();
  }

  #matching() {
    const words = this.search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = this.#models.filter((model) => {
      if (this.provider.value && model.provider !== this.provider.value) return false;
      if (this.usable.checked && !model.available) return false;
      const text = `${model.displayName} ${model.id} ${providerName(model.provider)}`.toLowerCase();
      return words.every((word) => text.includes(word));
    });
    const price = (model) => (model.price ? model.price.input + model.price.output : Infinity);
    if (this.order.value === "price") found.sort((a, b) => price(a) - price(b));
    if (this.order.value === "context") found.sort((a, b) => (b.contextWindow ?? 0) - (a.contextWindow ?? 0));
    return found;
  }

  #draw() {
    const found = this.#matching();
    this.count.textContent = found.length === 1 ? "1 model" : `${found.length} models`;
    this.list.replaceChildren(...found.slice(0, this.#limit).map((model) => this.#card(model)));
    this.more.hidden = found.length <= this.#limit;
  }

  #card(model) {
    const badges = [
      Array.isArray(model.reasoning) && model.reasoning.length > 0 && "thinks", model.modalities?.input?.includes("image") && "pictures",
      model.modalities?.input?.includes("pdf") && "PDF", model.tools && "tools", model.webSearch && "web",
    ].filter(Boolean);
    const facts = [
      ["Reads", contextNote(model) || "?"], ["Writes", contextNote({ contextWindow: model.maxOutput }) || "?"],
      ["In / out per million", model.price ? `${perMillion(model.price.input)} / ${perMillion(model.price.output)}` : "unknown"],
    ];
    const use = model.available
      ? el("button", { type: "button", class: "button small", "aria-label": `Use ${model.displayName || model.id}`, text: "Use", on: { click: () => this.#onUse(model) } })
      : el("button", { type: "button", class: "link-button note missing", text: keyNote(model), on: { click: () => this.#onKeys() } });
    const leaving = model.deprecated ? `Going away${model.shutdown ? ` on ${model.shutdown}` : ""}` : "";
    return el(
      "li", { class: "model-card" },
      el(
        "div", { class: "model-card-head" },
        el("div", { class: "model-names" }, el("strong", { text: model.displayName || model.id }), el("code", { text: `${model.provider}/${model.id}` })), use,
      ),
      el("dl", { class: "model-facts" }, ...facts.map(([name, value]) => el("div", {}, el("dt", { text: name }), el("dd", { text: value })))),
      badges.length > 0 || leaving || model.note
        ? el("p", { class: "model-badges" }, ...badges.map((text) => el("span", { class: "badge", text })), leaving ? el("span", { class: "badge leaving", text: leaving }) : null, model.note ? el("small", { text: model.note }) : null)
        : null,
      model.price?.source ? el("small", { class: "price-source", text: `Price: ${model.price.source}` }) : null,
    );
  }
}
