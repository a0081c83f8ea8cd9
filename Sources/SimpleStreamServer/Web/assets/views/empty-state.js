import { isDemo } from "../models.js";
import { el } from "./dom.js";

const suggestions = [
  ["Explain something", "Explain how a hash table works, with a small picture in text."],
  ["Write code", "Write a Swift function that groups words by their first letter, with a test."],
  ["Compare", "Compare SQLite and PostgreSQL for a small web service, as a table."],
  ["Plan", "Plan three days in Lisbon for someone who likes tiles, trams and quiet gardens."],
];

/** What a new conversation shows before its first question. */
export function emptyState({ onSuggestion, onKeys }) {
  const title = el("h2", { text: greeting({}) });
  const words = el("span");
  const help = el("p", { class: "hint", hidden: true }, words, " ", el("button", { type: "button", class: "link-button", text: "Add a key", on: { click: onKeys } }));
  const cards = suggestions.map(([title, text]) => el(
    "button", { type: "button", class: "suggestion", on: { click: () => onSuggestion(text) } },
    el("strong", { text: title }), el("span", { text }),
  ));
  const element = el(
    "section", { class: "empty", "aria-label": "New chat" },
    el("span", { class: "logo large", "aria-hidden": "true" }), title,
    el("p", { class: "lead", text: "Ask, close the tab, come back: the answer goes on without you." }), help,
    el("div", { class: "suggestions" }, ...cards),
  );
  return {
    element,
    /** Greets the user as they like, at their time of the day. */
    setProfile(profile) {
      title.textContent = greeting(profile);
    },
    /** Says what to do when there is no real model. */
    setModels(models) {
      const usable = models.filter((model) => model.available);
      const onlyDemo = usable.length > 0 && usable.every(isDemo);
      help.hidden = usable.length > 0 && !onlyDemo;
      words.textContent = onlyDemo
        ? "No AI model is connected yet: the demo repeats what you write. Start a local model server or add a provider key."
        : "No model can be used yet. Start a local model server (llama.cpp, Ollama, LM Studio, vLLM) or add a provider key.";
    },
  };
}

function greeting({ name, timeZone }) {
  const hour = hourIn(timeZone);
  const part = hour < 12 ? "Good morning" : hour < 18 ? "Good afternoon" : "Good evening";
  const who = name ? `, ${name}` : "";
  return hour < 5 ? `Still up${who}?` : part + who;
}

/** The hour of the day there; here when the browser does not know the time zone. */
function hourIn(timeZone) {
  try {
    const parts = new Intl.DateTimeFormat("en", { timeZone, hour: "numeric", hourCycle: "h23" }).formatToParts(new Date());
    return Number(parts.find(({ type }) => type === "hour").value);
  } catch {
    return new Date().getHours();
  }
}
