// How answers should be: the default model, its options, the web, titles. What the chosen model cannot do is off.

import { abilities, effortNames, efforts } from "../preferences.js";
import { modelKey, providerName } from "../models.js";
import { el } from "./dom.js";
import { field } from "./keys-page.js";

export class AnswersPage {
  #preferences;
  #notices;
  #models = [];
  #model = null;
  name = "answers";
  label = "Answers";

  constructor({ preferences, notices }) {
    this.#preferences = preferences;
    this.#notices = notices;
    this.model = el("select", { id: "set-model", on: { change: () => this.#save({ defaultModel: this.model.value }) } });
    this.system = el("textarea", { id: "set-system", rows: "3", maxlength: "20000", dir: "auto", placeholder: "For example: answer briefly, in British English." });
    this.system.addEventListener("change", () => this.#save({ systemPrompt: this.system.value.trim() || null }));
    this.effort = this.#choice("set-effort", "reasoningEffort");
    this.verbosity = this.#choice("set-verbosity", "outputVerbosity");
    fill(this.verbosity, [["", "The model's choice"], ["low", "Short"], ["medium", "Medium"], ["high", "Long"]]);
    this.temperature = this.#number("set-temperature", "temperature", { min: 0, max: 2, step: 0.1 });
    this.topP = this.#number("set-top-p", "topP", { min: 0, max: 1, step: 0.05 });
    this.maxTokens = this.#number("set-max-tokens", "maxTokens", { min: 1, max: 1_000_000, step: 1 });
    this.web = this.#switch("set-web", "Search the web", () => this.#save({ webSearch: this.web.input.checked || null }));
    this.titles = this.#switch("set-titles", "Name conversations with a small model", () => this.#save({ titles: this.titles.input.checked ? null : "off" }));
    this.about = el("p", { class: "page-lead", role: "status" });
    this.element = el("div", { class: "answers-page" }, ...this.#groups());
    preferences.listen(() => this.#fill());
  }

  #groups() {
    const group = (title, ...children) => el("fieldset", { class: "group" }, el("legend", { text: title }), ...children);
    return [
      group("Model", field("New conversations start with", this.model), this.about),
      group("Instructions", field("Said to the model before every conversation", this.system)),
      group(
        "Thinking and length", field("Thinking", this.effort), field("Length of answers", this.verbosity),
        field("At most tokens", this.maxTokens, "Empty: as much as the model writes."),
      ),
      group("Chance", field("Temperature", this.temperature, "0 to 2. Empty: the model's own."), field("Top p", this.topP, "0 to 1. Empty: the model's own.")),
      group("Web", this.web.element, el("small", { class: "hint-line", text: "Where you are is in About you." })),
      group("Titles", this.titles.element),
    ];
  }

  setModels(models) {
    this.#models = models;
    this.#fill();
  }

  /** The model that is asked now: its abilities are shown. */
  setModel(model) {
    this.#model = model;
    this.#fill();
  }

  shown() {
    this.#fill();
  }

  #fill() {
    const values = this.#preferences.values;
    const usable = this.#models.filter((model) => model.available);
    const options = usable.map((model) => [modelKey(model), `${model.displayName || model.id} \u2013 ${providerName(model.provider)}`]);
    const wanted = values.defaultModel ?? "";
    if (wanted && !options.some(([value]) => value === wanted)) options.push([wanted, `${wanted} (not available now)`]);
    fill(this.model, [["", "The one used last"], ...options], wanted);
    const able = abilities(this.#model);
    const name = this.#model ? this.#model.displayName || this.#model.id : "the model";
    fill(this.effort, [["", "The model's choice"], ...efforts.filter((effort) => able.efforts.includes(effort)).map((effort) => [effort, effortNames[effort]])],
      able.efforts.includes(values.reasoningEffort) ? values.reasoningEffort : "");
    this.effort.disabled = able.efforts.length === 0;
    this.verbosity.value = values.outputVerbosity ?? "";
    this.verbosity.disabled = !able.verbosity;
    for (const input of [this.temperature, this.topP]) input.disabled = !able.sampling;
    this.web.input.disabled = !able.webSearch;
    const missing = [
      able.efforts.length === 0 && "thinking", !able.verbosity && "length", !able.sampling && "temperature and top p", !able.webSearch && "web search",
    ].filter(Boolean);
    this.about.textContent = this.#model && missing.length > 0 ? `${name} cannot be told: ${missing.join(", ")}. What is set is kept for models that can.` : "";
    this.about.hidden = this.about.textContent === "";
    this.#fillValues(values);
  }

  #fillValues(values) {
    const set = (input, value) => {
      if (document.activeElement !== input) input.value = value ?? "";
    };
    set(this.system, values.systemPrompt);
    set(this.temperature, values.temperature);
    set(this.topP, values.topP);
    set(this.maxTokens, values.maxTokens);
    this.web.input.checked = values.webSearch === true;
    this.titles.input.checked = values.titles !== "off";
  }

  async #save(changes) {
    try {
      await this.#preferences.set(changes);
    } catch (error) {
      this.#notices.show(`Not saved: ${error.message}`);
    }
  }

  #choice(id, name) {
    const select = el("select", { id });
    select.addEventListener("change", () => this.#save({ [name]: select.value || null }));
    return select;
  }

  #number(id, name, { min, max, step }) {
    const input = el("input", { type: "number", id, min: String(min), max: String(max), step: String(step), inputmode: step === 1 ? "numeric" : "decimal", autocomplete: "off" });
    input.addEventListener("change", () => {
      const value = input.value === "" ? null : Number(input.value);
      if (value !== null && !(value >= min && value <= max)) {
        input.setCustomValidity(`A number from ${min} to ${max}.`);
        input.reportValidity();
        return;
      }
      input.setCustomValidity("");
      this.#save({ [name]: value === null ? null : step === 1 ? Math.round(value) : value });
    });
    input.addEventListener("input", () => input.setCustomValidity(""));
    return input;
  }

  #switch(id, label, onChange) {
    const input = el("input", { type: "checkbox", id, class: "switch", on: { change: onChange } });
    return { input, element: el("label", { class: "switch-row", for: id }, input, el("span", { text: label })) };
  }
}

function fill(select, options, value = select.value) {
  const same = select.options.length === options.length && options.every(([key, label], index) => select.options[index].value === key && select.options[index].text === label);
  if (!same) select.replaceChildren(...options.map(([key, label]) => el("option", { value: key, text: label })));
  select.value = value;
}
