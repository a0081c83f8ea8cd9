// How the user wants to be answered. Kept by the server, so that every browser knows it.

export const efforts = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];
export const effortNames = { none: "None", minimal: "Minimal", low: "Low", medium: "Medium", high: "High", xhigh: "Very high", max: "Most" };

/** What the settings hold; what is missing is the model's own choice. */
const fields = [
  "defaultModel", "systemPrompt", "reasoningEffort", "outputVerbosity", "temperature", "topP", "maxTokens", "webSearch", "titles",
];

export class Preferences {
  #api;
  #listeners = new Set();
  #saving = Promise.resolve();

  constructor({ api }) {
    this.#api = api;
    this.values = {};
  }

  listen(listener) {
    this.#listeners.add(listener);
  }

  async load() {
    const document = await this.#api.settings();
    this.values = Object.fromEntries(Object.entries(document ?? {}).filter(([name]) => fields.includes(name)));
    this.#tell();
  }

  get(name) {
    return this.values[name];
  }

  /** Changes some fields; undefined and null forget one. Resolves when the server has them. */
  set(changes) {
    const patch = Object.fromEntries(Object.entries(changes).map(([name, value]) => [name, value ?? null]));
    for (const [name, value] of Object.entries(patch)) {
      if (value === null) delete this.values[name];
      else this.values[name] = value;
    }
    this.#tell();
    // One after the other, so that the last one wins.
    this.#saving = this.#saving.catch(() => {}).then(() => this.#api.changeSettings(patch));
    return this.#saving;
  }

  /** What another browser of the user changed. */
  changed(changes) {
    for (const [name, value] of Object.entries(changes ?? {})) {
      if (!fields.includes(name)) continue;
      if (value === null) delete this.values[name];
      else this.values[name] = value;
    }
    this.#tell();
  }

  /** The fields of a request to that model. What it does not take is left out. */
  request(model) {
    const { values } = this;
    const able = abilities(model);
    const request = {};
    if (values.systemPrompt) request.systemPrompt = values.systemPrompt;
    if (values.reasoningEffort && able.efforts.includes(values.reasoningEffort)) request.reasoningEffort = values.reasoningEffort;
    if (values.outputVerbosity && able.verbosity) request.outputVerbosity = values.outputVerbosity;
    if (able.sampling) {
      if (Number.isFinite(values.temperature)) request.temperature = values.temperature;
      if (Number.isFinite(values.topP)) request.topP = values.topP;
    }
    if (Number.isInteger(values.maxTokens)) request.maxTokens = values.maxTokens;
    if (values.webSearch === true && able.webSearch) request.webSearch = true;
    return request;
  }

  #tell() {
    for (const listener of this.#listeners) listener(this.values);
  }
}

/** What a model can be told; unknown counts as possible, except for the web. */
export function abilities(model) {
  if (!model) return { efforts: [], verbosity: false, sampling: true, samplingNote: "", webSearch: false };
  const reasoning = Array.isArray(model.reasoning) ? model.reasoning : null;
  const notes = { one: "Not while it thinks.", idle: "Only without thinking." };
  return {
    efforts: reasoning ?? efforts,
    verbosity: model.verbosity === true,
    sampling: model.sampling !== "no",
    samplingNote: notes[model.sampling] ?? "",
    // The gateway's chat completions do not search, whatever the model behind can do.
    webSearch: model.webSearch === true && model.provider !== "vercel",
  };
}
