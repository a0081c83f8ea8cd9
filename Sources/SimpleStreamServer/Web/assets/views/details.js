// What comes with an answer beside its text: tools, sources, pictures, what it used.

import { usagePhrases } from "../format.js";
import { picture, safeLink } from "../markdown/links.js";
import { el } from "./dom.js";
import { icon } from "./icons.js";

const phases = { started: "running", delta: "running", finished: "done", failed: "failed" };

/** The tools a model called, each with what went in and came out. */
export class ToolsView {
  #drawn = new Map();
  #shown = null;

  constructor() {
    this.element = el("div", { class: "tools", hidden: true });
  }

  update(tools = []) {
    if (tools === this.#shown) return;
    this.#shown = tools;
    this.element.hidden = tools.length === 0;
    for (const tool of tools) {
      if (!this.#drawn.has(tool.id)) this.#drawn.set(tool.id, this.#draw());
      const drawn = this.#drawn.get(tool.id);
      const phase = phases[tool.phase] ?? "running";
      drawn.node.dataset.phase = phase;
      drawn.name.textContent = tool.name ?? "tool";
      drawn.phase.textContent = phase;
      fill(drawn.input, "Input", tool.input);
      fill(drawn.output, "Output", tool.output);
    }
  }

  #draw() {
    const name = el("code");
    const phase = el("small");
    const input = el("div");
    const output = el("div");
    const node = el("details", { class: "tool" }, el("summary", {}, icon("tool"), name, phase, icon("down")), input, output);
    this.element.append(node);
    return { node, name, phase, input, output };
  }
}

function fill(node, label, text) {
  node.hidden = !text;
  if (text) node.replaceChildren(el("small", { text: label }), el("pre", { tabindex: "0", text }));
}

/** The sources an answer names. */
export function citationList(citations = []) {
  const links = new Map();
  for (const citation of citations) {
    const href = safeLink(citation.url ?? "");
    if (href && !links.has(href)) links.set(href, citation.title || new URL(href).host);
  }
  if (links.size === 0) return null;
  const items = [...links].map(([href, title], index) => el(
    "li", {},
    el(
      "a", { href, title: href, target: "_blank", rel: "noopener noreferrer nofollow ugc" },
      el("span", { class: "number", text: String(index + 1) }), el("span", { class: "source", text: title }),
      el("small", { text: new URL(href).host.replace(/^www\./, "") || "mail" }),
    ),
  ));
  return el("nav", { class: "citations", "aria-label": "Sources" }, el("ol", {}, ...items));
}

/** The pictures a model made. */
export function pictures(images = []) {
  const inline = images.map((image) => picture(image.data ?? "")).filter((source) => source?.kind === "inline");
  if (inline.length === 0) return null;
  return el("div", { class: "pictures" }, ...inline.map(({ src }) => el("img", { src, alt: "Picture made by the model", class: "picture" })));
}

export function usageLine(message) {
  const phrases = usagePhrases(message);
  if (phrases.length === 0) return null;
  return el("span", { class: "usage", title: "Tokens read and written, and the price where it is known", text: phrases.join(" \u00b7 ") });
}
