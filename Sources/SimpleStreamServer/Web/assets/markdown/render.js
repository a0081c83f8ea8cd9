// Draws Markdown as DOM nodes. Nothing of a model's answer is ever parsed as HTML.

import { formula } from "../math/view.js";
import { copyButton } from "../views/copy-button.js";
import { el } from "../views/dom.js";
import { icon } from "../views/icons.js";
import { GrowingText } from "./growing-text.js";
import { highlight } from "./highlight.js";
import { parseInline } from "./inline.js";
import { picture, safeLink } from "./links.js";

/** Markdown text on the page, which may grow. */
export class MarkdownView {
  #growing = new GrowingText();
  /** What is drawn of the unfinished end: `{block, node, …}`. */
  #tail = [];
  #shown = null;
  #ended = false;

  constructor() {
    this.element = el("div", { class: "markdown" });
  }

  /** Shows a text; `done` says that it will not grow any more. */
  update(text, done) {
    if (text === this.#shown && done === this.#ended) return;
    if (this.#ended) this.#reset();
    this.#shown = text;
    const { restarted, finished, tail } = this.#growing.update(text);
    if (restarted) this.#clear();
    if (done) {
      this.#place([...finished, ...this.#growing.end()], Infinity, false);
      this.#ended = true;
    } else {
      this.#place([...finished, ...tail], finished.length, true);
    }
  }

  #reset() {
    this.#growing = new GrowingText();
    this.#ended = false;
    this.#clear();
  }

  #clear() {
    this.element.replaceChildren();
    this.#tail = [];
  }

  /** Draws blocks over the unfinished end; the first `final` of them are never touched again. */
  #place(blocks, final, growing) {
    const drawn = placeBlocks(this.element, this.#tail, blocks, (index) => growing && index === blocks.length - 1);
    this.#tail = drawn.slice(Math.min(final, drawn.length));
  }
}

/** Makes `entries`, the last children of `parent`, show `blocks`, and keeps what did not change. */
function placeBlocks(parent, entries, blocks, isOpen) {
  const drawn = blocks.map((block, index) => {
    const open = isOpen(index);
    const entry = entries[index];
    if (entry && patch(entry, block, open)) return entry;
    const made = draw(block, open);
    if (entry) entry.node.replaceWith(made.node);
    else parent.append(made.node);
    return made;
  });
  for (const entry of entries.slice(blocks.length)) entry.node.remove();
  return drawn;
}

function patch(entry, block, open) {
  const was = entry.block;
  if (was.type !== block.type) return false;
  switch (block.type) {
    case "paragraph": case "tightParagraph": case "heading":
      if (was.level !== block.level) return false;
      if (was.text !== block.text || entry.open !== open) drawInline(entry.node, block.text, open);
      entry.open = open;
      break;
    case "code":
      if (was.language !== block.language) return false;
      if (was.text !== block.text) growCode(entry, block.text);
      if (!block.open) colour(entry, block);
      break;
    case "math":
      if (was.text === block.text) break;
      // What is still being written is source until it is a formula.
      return false;
    case "quote":
      setDirection(entry.node, firstText(block));
      entry.children = placeBlocks(entry.node, entry.children, block.blocks, (index) => open && index === block.blocks.length - 1);
      break;
    case "list":
      if (was.ordered !== block.ordered || was.start !== block.start || was.tight !== block.tight) return false;
      setDirection(entry.node, firstText(block));
      patchItems(entry, block, open);
      break;
    case "table":
      if (was.head.join("|") !== block.head.join("|") || was.align.join() !== block.align.join()) return false;
      patchRows(entry, block);
      break;
  }
  entry.block = block;
  return true;
}

function draw(block, open) {
  switch (block.type) {
    case "heading": {
      // The page's own headings come above those of an answer.
      const node = el(`h${Math.min(block.level + 2, 6)}`, { class: `h${block.level}` });
      drawInline(node, block.text, open);
      return { block, node, open };
    }
    case "code": return drawCode(block);
    case "math": return { block, node: formula(block.text, { display: true }) };
    case "quote": {
      const node = el("blockquote", { dir: direction(firstText(block)) });
      const children = placeBlocks(node, [], block.blocks, (index) => open && index === block.blocks.length - 1);
      return { block, node, children };
    }
    case "list": return drawList(block, open);
    case "table": return drawTable(block);
    case "rule": return { block, node: el("hr") };
    default: {
      const node = el(block.type === "tightParagraph" ? "span" : "p");
      drawInline(node, block.text, open);
      return { block, node, open };
    }
  }
}

// MARK: Code

function drawCode(block) {
  const text = document.createTextNode(block.text);
  const code = el("code", { dir: "ltr" }, text);
  const language = block.language.replace(/[^\w+#.-]/g, "").slice(0, 24);
  const node = el(
    "figure", { class: "code" },
    el("figcaption", {}, el("span", { text: language || "text" }), copyButton("Copy code", () => code.textContent)),
    el("pre", { tabindex: "0", "aria-label": language ? `${language} code` : "Code" }, code),
  );
  const entry = { block, node, code, text };
  if (!block.open) colour(entry, block);
  return entry;
}

/** Code that is still being written stays plain, so that it can grow at its end. */
function growCode(entry, text) {
  if (!entry.text.isConnected) entry.code.replaceChildren(entry.text);
  growText(entry.text, text);
}

function colour(entry, block) {
  if (entry.coloured === block.text) return;
  const pieces = highlight(block.text, block.language);
  if (!pieces) return;
  entry.coloured = block.text;
  entry.code.replaceChildren(...pieces.map(({ kind, text }) => (kind ? el("span", { class: `code-${kind}`, text }) : document.createTextNode(text))));
}

/** Appends what is new instead of setting the whole text again. */
function growText(node, text) {
  const shown = node.data;
  if (shown === text) return;
  if (text.startsWith(shown)) node.appendData(text.slice(shown.length));
  else node.data = text;
}

// MARK: Lists

function drawList(block, open) {
  const node = el(block.ordered ? "ol" : "ul", { dir: direction(firstText(block)), start: block.ordered && block.start !== 1 ? block.start : null });
  const entry = { block, node, items: [] };
  patchItems(entry, block, open);
  return entry;
}

function patchItems(entry, block, open) {
  block.items.forEach((item, index) => {
    const openItem = open && index === block.items.length - 1;
    let drawn = entry.items[index];
    if (drawn && drawn.checked !== item.checked) {
      drawn.node.remove();
      drawn = null;
    }
    if (!drawn) {
      drawn = drawItem(item);
      entry.node.insertBefore(drawn.node, entry.items[index + 1]?.node ?? null);
      entry.items[index] = drawn;
    }
    const blocks = block.tight ? item.blocks.map(asTight) : item.blocks;
    drawn.children = placeBlocks(drawn.body, drawn.children, blocks, (at) => openItem && at === blocks.length - 1);
  });
  for (const surplus of entry.items.splice(block.items.length)) surplus.node.remove();
}

function drawItem(item) {
  const node = el("li");
  if (item.checked === null) return { node, body: node, children: [], checked: null };
  const box = el("input", { type: "checkbox", disabled: true, checked: item.checked, "aria-label": item.checked ? "Done" : "To do" });
  const body = el("div");
  node.className = "task";
  node.append(box, body);
  return { node, body, children: [], checked: item.checked };
}

function asTight(block) {
  return block.type === "paragraph" ? { ...block, type: "tightParagraph" } : block;
}

// MARK: Tables

function drawTable(block) {
  const head = el("tr");
  block.head.forEach((text, column) => head.append(drawCell("th", text, block.align[column])));
  const body = el("tbody");
  const node = el("div", { class: "table", tabindex: "0", role: "region", "aria-label": "Table" }, el("table", {}, el("thead", {}, head), body));
  const entry = { block, node, body, rows: [] };
  patchRows(entry, block);
  return entry;
}

function patchRows(entry, block) {
  block.rows.forEach((row, index) => {
    const key = row.join("\u0000");
    const drawn = entry.rows[index];
    if (drawn?.key === key) return;
    const node = el("tr");
    row.forEach((text, column) => node.append(drawCell("td", text, block.align[column])));
    if (drawn) drawn.node.replaceWith(node);
    else entry.body.append(node);
    entry.rows[index] = { key, node };
  });
  for (const surplus of entry.rows.splice(block.rows.length)) surplus.node.remove();
}

function drawCell(tag, text, align) {
  const node = el(tag, { class: align ? `align-${align}` : null });
  drawInline(node, text, false);
  return node;
}

// MARK: Inline

const rightToLeft = /^[^A-Za-z\u00c0-\u02af\u0370-\u058f]*[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;

/** Which way a text runs, by its first letter. `dir="auto"` asks the browser to look again at every change. */
function direction(text) {
  return rightToLeft.test(text.slice(0, 200)) ? "rtl" : null;
}

function setDirection(node, text) {
  const way = direction(text);
  if (way) node.dir = way;
  else node.removeAttribute("dir");
}

function firstText(block) {
  const inner = block.blocks?.[0] ?? block.items?.[0]?.blocks[0];
  return inner ? firstText(inner) : block.text ?? block.head?.join(" ") ?? "";
}

function drawInline(node, text, open) {
  setDirection(node, text);
  const drawn = inlineOf.get(node) ?? [];
  const nodes = parseInline(text, { open });
  let kept = 0;
  while (kept < drawn.length && kept < nodes.length && isSame(drawn[kept], nodes[kept])) kept += 1;
  // Every node of the tree is one node on the page.
  while (node.childNodes.length > kept) node.lastChild.remove();
  node.append(...nodes.slice(kept).map(drawNode));
  inlineOf.set(node, nodes);
}

/** The inline trees that elements show, so that what did not change is kept. */
const inlineOf = new WeakMap();

function isSame(left, right) {
  if (left.type !== right.type || left.text !== right.text || left.href !== right.href || left.src !== right.src || left.alt !== right.alt) return false;
  if (!left.children) return true;
  return left.children.length === right.children.length && left.children.every((child, index) => isSame(child, right.children[index]));
}

function drawNode(node) {
  switch (node.type) {
    case "code": return el("code", { text: node.text, dir: "ltr" });
    case "math": return formula(node.text, { display: node.display === true });
    case "break": return el("br");
    case "strong": return el("strong", {}, ...node.children.map(drawNode));
    case "emphasis": return el("em", {}, ...node.children.map(drawNode));
    case "strike": return el("del", {}, ...node.children.map(drawNode));
    case "link": return drawLink(node);
    case "image": return drawImage(node);
    default: return document.createTextNode(node.text);
  }
}

function drawLink(node) {
  const href = safeLink(node.href);
  const children = node.children.map(drawNode);
  if (!href) return el("span", {}, ...children, ` (${node.href})`);
  return el("a", { href, title: href, target: "_blank", rel: "noopener noreferrer nofollow ugc" }, ...children);
}

/** Pictures inside the answer are shown. Elsewhere they are links: looking at an answer tells nobody about it. */
function drawImage(node) {
  const source = picture(node.src);
  if (!source) return document.createTextNode(node.alt || node.src);
  if (source.kind === "inline") return el("img", { src: source.src, alt: node.alt, class: "picture" });
  return el(
    "a", { class: "remote-picture", href: source.href, title: source.href, target: "_blank", rel: "noopener noreferrer nofollow ugc" },
    icon("image"), el("span", { text: node.alt || "Picture" }), el("small", { text: source.host }),
  );
}
