import { el } from "../dom.js";

/** A page of its own with one thing on it. */
export function card(title, ...children) {
  document.title = `${title} \u00b7 Simple Stream`;
  return el(
    "main", { class: "card-page" },
    el("section", { class: "card", "aria-labelledby": "card-title" },
      el("span", { class: "logo large", "aria-hidden": "true" }), el("h1", { id: "card-title", text: title }), ...children),
  );
}
