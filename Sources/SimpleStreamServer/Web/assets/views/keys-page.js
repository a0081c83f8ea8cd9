// The user's provider keys: seen by their last four characters, added, checked, replaced and removed.
//
// A key is only ever in its input, and no longer than until it is saved or the page is left.

import { keyAddress, providerName } from "../models.js";
import { confirmDialog } from "./dialog.js";
import { el } from "./dom.js";
import { icon } from "./icons.js";

const builtIn = ["openai", "anthropic", "gemini", "xai", "meta", "vercel"];
const verdicts = {
  valid: ["Works", "good"], rejected: ["Not accepted", "bad"], blocked: ["Blocked", "bad"], exhausted: ["No credit left", "warm"],
  rateLimited: ["Not checked: too many requests", "warm"], unreachable: ["Not checked: unreachable", "warm"], wrongEndpoint: ["Wrong address", "bad"], unchecked: ["Not checked", "warm"],
};

export class KeysPage {
  #api;
  #notices;
  #onChange;
  #keys = new Map();
  #providers = [];
  #cards = new Map();
  name = "keys";
  label = "Keys";

  constructor({ api, notices, onChange }) {
    this.#api = api;
    this.#notices = notices;
    this.#onChange = onChange;
    this.problem = el("p", { class: "form-problem", role: "alert", hidden: true });
    this.list = el("div", { class: "key-list" });
    this.element = el(
      "div", {},
      el("p", { class: "page-lead", text: "Use your own keys. They are checked with the provider, stored encrypted, and sent to nobody else." }),
      this.problem, this.list,
    );
  }

  async shown() {
    this.#draw();
    await this.refresh();
  }

  hidden() {
    for (const card of this.#cards.values()) card.closeForm();
  }

  /** Reads the keys again. */
  async refresh() {
    try {
      const [keys, providers] = await Promise.all([this.#api.keys(), this.#api.providers()]);
      this.#providers = providers;
      this.#keys = new Map(keys.map((key) => [key.provider, key]));
      this.problem.hidden = true;
    } catch (error) {
      this.problem.textContent = `The keys could not be read: ${error.message}`;
      this.problem.hidden = false;
    }
    this.#draw();
  }

  #draw() {
    const named = this.#providers.map((provider) => provider.name).filter((name) => name !== "demo" && name !== "local");
    // Those with a key come first.
    const providers = [...new Set([...this.#keys.keys(), ...builtIn, ...named])];
    for (const provider of providers) {
      if (!this.#cards.has(provider)) this.#cards.set(provider, new KeyCard(provider, this.#actions()));
      const onServer = this.#providers.some(({ name, keySource }) => name === provider && keySource === "operator");
      this.#cards.get(provider).update(this.#keys.get(provider) ?? null, onServer);
    }
    for (const [provider, card] of this.#cards) {
      if (providers.includes(provider)) continue;
      card.element.remove();
      this.#cards.delete(provider);
    }
    providers.forEach((provider, index) => {
      const { element } = this.#cards.get(provider);
      if (this.list.children[index] !== element) this.list.insertBefore(element, this.list.children[index] ?? null);
    });
  }

  #actions() {
    return {
      save: async (provider, fields) => {
        const key = await this.#api.saveKey(provider, fields);
        this.#keys.set(provider, key);
        this.#changed(`Saved: ${key.message ?? "the key"}`);
      },
      check: async (provider) => {
        const { verdict, message } = await this.#api.checkKey(provider);
        this.#keys.set(provider, { ...this.#keys.get(provider), verdict, message, checkedAt: new Date().toISOString() });
        this.#changed(message);
      },
      remove: async (provider) => {
        const sure = await confirmDialog({
          title: `Remove the key for ${providerName(provider)}?`, text: "It is deleted from the server. The provider still knows it; revoke it there if it leaked.", action: "Remove",
        });
        if (!sure) return;
        try {
          await this.#api.removeKey(provider);
        } catch (error) {
          if (error.code !== "not_found") throw error;
        }
        this.#keys.delete(provider);
        this.#changed("The key was removed.");
      },
    };
  }

  #changed(words) {
    this.#draw();
    this.#notices.say(words);
    this.#onChange();
  }
}

/** One provider, its key and the form for another. */
class KeyCard {
  #provider;
  #actions;
  #key = null;
  #busy = false;

  constructor(provider, actions) {
    this.#provider = provider;
    this.#actions = actions;
    this.state = el("span", { class: "key-state" });
    this.detail = el("p", { class: "key-detail" });
    this.problem = el("p", { class: "form-problem", role: "alert", hidden: true });
    this.checkButton = this.#button("Check now", "retry", () => this.#run(() => actions.check(provider)));
    this.replaceButton = this.#button("Replace", "edit", () => this.#openForm());
    this.removeButton = this.#button("Remove", "trash", () => this.#run(() => actions.remove(provider)));
    this.addButton = this.#button("Add key", "plus", () => this.#openForm());
    this.buttons = el("div", { class: "key-buttons" }, this.addButton, this.checkButton, this.replaceButton, this.removeButton);
    this.slot = el("div", {});
    const heading = `key-${provider.replace(/[^a-z0-9-]/g, "")}`;
    this.element = el(
      "section", { class: "key-card", "aria-labelledby": heading, data: { provider } },
      el(
        "div", { class: "key-head" },
        el("span", { class: `mark mark-${provider.replace(/[^a-z0-9-]/g, "")}`, "aria-hidden": "true" }),
        el("h3", { id: heading, text: providerName(provider) }), this.state,
      ),
      this.detail, this.problem, this.buttons, this.slot,
    );
  }

  update(key, onServer) {
    this.#key = key;
    const [word, tone] = key ? verdicts[key.verdict] ?? [key.verdict, "warm"] : onServer ? ["Server's key", "good"] : ["No key", "none"];
    this.state.className = `key-state ${tone}`;
    this.state.textContent = word;
    this.detail.hidden = key === null;
    if (key) {
      const checked = key.checkedAt ? `checked ${new Date(key.checkedAt).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" })}` : "";
      this.detail.replaceChildren(
        el("span", { class: "key-name" }, key.label ? el("strong", { text: key.label, dir: "auto" }) : null, el("code", { text: `\u2022\u2022\u2022\u2022 ${key.last4 ?? ""}`, "aria-label": `Key ending in ${key.last4 ?? ""}` })),
        el("span", { class: "key-verdict", text: [key.message, checked].filter(Boolean).join(" \u00b7 ") }),
        ...(key.baseURL ? [el("span", { class: "key-address", text: `Sent to ${key.baseURL}` })] : []),
      );
    }
    this.#show();
  }

  closeForm() {
    const input = this.slot.querySelector("input[type=password]");
    if (input) input.value = "";
    this.slot.replaceChildren();
    this.problem.hidden = true;
    this.#show();
  }

  #show() {
    const editing = this.slot.childElementCount > 0;
    this.addButton.hidden = this.#key !== null || editing;
    for (const button of [this.checkButton, this.replaceButton, this.removeButton]) {
      button.hidden = this.#key === null || editing;
      button.disabled = this.#busy;
    }
    this.element.classList.toggle("busy", this.#busy);
    this.element.setAttribute("aria-busy", String(this.#busy));
  }

  #button(label, name, run) {
    const button = el("button", { type: "button", class: "button small", "aria-label": `${label}: ${providerName(this.#provider)}`, on: { click: run } }, icon(name), el("span", { text: label }));
    return button;
  }

  async #run(work) {
    if (this.#busy) return;
    this.#busy = true;
    this.problem.hidden = true;
    this.#show();
    try {
      await work();
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#busy = false;
      this.#show();
    }
  }

  #fail(error) {
    this.problem.textContent = error.message;
    this.problem.hidden = false;
  }

  #openForm() {
    const id = (part) => `key-${part}-${this.#provider}`;
    const key = el("input", {
      type: "password", id: id("value"), autocomplete: "off", autocapitalize: "off", spellcheck: "false", required: true, maxlength: "4096", placeholder: "Paste the key", "data-1p-ignore": true,
    });
    const label = el("input", { type: "text", id: id("label"), autocomplete: "off", maxlength: "100", placeholder: "For example: work" });
    const baseURL = el("input", { type: "url", id: id("url"), autocomplete: "off", maxlength: "500", placeholder: "https://\u2026" });
    label.value = this.#key?.label ?? "";
    baseURL.value = this.#key?.baseURL ?? "";
    const save = el("button", { type: "submit", class: "button primary", text: "Check and save" });
    const cancel = el("button", { type: "button", class: "button", text: "Cancel", on: { click: () => this.#leaveForm() } });
    const where = keyAddress(this.#provider);
    const form = el(
      "form", { class: "key-form", novalidate: true },
      field("API key", key, where ? el("span", {}, "Get one at ", el("a", { href: where, target: "_blank", rel: "noopener noreferrer", text: new URL(where).host })) : null),
      field("Label", label, "Optional."),
      el("details", { class: "more-fields", open: baseURL.value !== "" }, el("summary", { text: "Another address" }), field("Base URL", baseURL, "Optional. The key is sent there and nowhere else. Public https addresses only.")),
      el("div", { class: "buttons" }, cancel, save),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const fields = { key: key.value.trim(), label: label.value.trim(), baseURL: baseURL.value.trim() };
      if (fields.key === "") {
        this.#fail(new Error("Paste the key first."));
        key.focus();
        return;
      }
      save.textContent = "Checking\u2026";
      for (const input of [key, label, baseURL, save]) input.disabled = true;
      this.#run(async () => {
        try {
          await this.#actions.save(this.#provider, fields);
          key.value = "";
          this.#leaveForm();
        } finally {
          save.textContent = "Check and save";
          for (const input of [key, label, baseURL, save]) input.disabled = false;
          if (key.isConnected) key.focus();
        }
      });
    });
    form.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      // The form is closed, not the whole dialog.
      event.preventDefault();
      event.stopPropagation();
      this.#leaveForm();
    });
    this.slot.replaceChildren(form);
    this.#show();
    key.focus();
  }

  #leaveForm() {
    this.closeForm();
    (this.#key ? this.replaceButton : this.addButton).focus();
  }
}

/** An input under its label, with a hint. */
export function field(label, input, hint = null) {
  const note = hint ? el("small", { id: `${input.id}-hint`, class: "hint-line" }, hint) : null;
  if (note) input.setAttribute("aria-describedby", note.id);
  return el("div", { class: "field" }, el("label", { for: input.id, text: label }), input, note);
}
