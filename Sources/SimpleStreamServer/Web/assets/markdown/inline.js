// Inline Markdown to a tree: text, code, math, emphasis, strong, strike, link, image, break.
//
// One pass over the text with a delimiter stack; every step is linear in the text, also for hostile input.

const punctuation = /[!"#$%&'()*+,\-./:;<=>?@[\\\]^_`{|}~]/;
const unicodePunctuation = /[\p{P}\p{S}]/u;
const entity = /^&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|(amp|lt|gt|quot|apos|nbsp|copy|mdash|ndash|hellip|rarr|larr|times));/;
const named = {
  amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: "\u00a0", copy: "\u00a9", mdash: "\u2014", ndash: "\u2013",
  hellip: "\u2026", rarr: "\u2192", larr: "\u2190", times: "\u00d7",
};
const bareAddress = /^https?:\/\/[^\s<>"'`\u0000-\u001f]+/;
const angleAddress = /^<(https?:\/\/[^\s<>]*|mailto:[^\s<>]+|[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+)>/;
const lineBreakTag = /^<br\s{0,4}\/?>/i;
const plainRun = /[^\\`$*_~[\]!<&\nh]+/y;
const longestAddress = 2048;
const deepestBracket = 64;
const deepestParenthesis = 32;
const deepestEmphasis = 24;

/** Parses inline text. With `open`, marks that are not closed yet count as closed at the end. */
export function parseInline(text, { open = false } = {}) {
  return new InlineParser(text, open).parse();
}

class InlineParser {
  constructor(text, open) {
    this.text = text;
    this.open = open;
    this.at = 0;
    this.nodes = [];
    this.delimiters = [];
    this.brackets = [];
    this.ticks = null;
    this.noMathAfter = Infinity;
  }

  parse() {
    while (this.at < this.text.length) this.step();
    this.brackets = [];
    return this.emphasise(0);
  }

  step() {
    const { text } = this;
    plainRun.lastIndex = this.at;
    const run = plainRun.exec(text);
    if (run) {
      this.push(run[0]);
      this.at = plainRun.lastIndex;
      return;
    }
    switch (text[this.at]) {
      case "\\": return this.escape();
      case "`": return this.code();
      case "$": return this.dollar();
      case "*": case "_": case "~": return this.delimiter();
      case "[": return this.bracket(false);
      case "!": return text[this.at + 1] === "[" ? this.bracket(true) : this.literal(1);
      case "]": return this.closeBracket();
      case "<": return this.angle();
      case "&": return this.entity();
      case "\n": return this.newline();
      default: return this.address();
    }
  }

  push(text) {
    const last = this.nodes.at(-1);
    if (last?.type === "text" && !last.mark) last.text += text;
    else this.nodes.push({ type: "text", text });
  }

  literal(length) {
    this.push(this.text.substr(this.at, length));
    this.at += length;
  }

  escape() {
    const next = this.text[this.at + 1];
    if (next === "(" || next === "[") {
      if (this.math(`\\${next}`, next === "(" ? "\\)" : "\\]")) return;
    }
    if (next === "\n") {
      this.nodes.push({ type: "break" });
      this.at += 2;
    } else if (next !== undefined && punctuation.test(next)) {
      this.push(next);
      this.at += 2;
    } else {
      this.literal(1);
    }
  }

  code() {
    const { text } = this;
    let length = 1;
    while (text[this.at + length] === "`") length += 1;
    const start = this.at + length;
    const end = this.closingTicks(length, start);
    if (end < 0 && !(this.open && length < 3)) return this.literal(length);
    let code = text.slice(start, end < 0 ? text.length : end).replaceAll("\n", " ");
    if (code.length > 2 && code.startsWith(" ") && code.endsWith(" ") && code.trim() !== "") code = code.slice(1, -1);
    this.nodes.push({ type: "code", text: code });
    this.at = end < 0 ? text.length : end + length;
  }

  /** Where the next run of exactly `length` backticks starts; all runs are indexed once. */
  closingTicks(length, from) {
    if (!this.ticks) {
      this.ticks = new Map();
      for (const match of this.text.matchAll(/`+/g)) {
        const positions = this.ticks.get(match[0].length) ?? { list: [], next: 0 };
        positions.list.push(match.index);
        this.ticks.set(match[0].length, positions);
      }
    }
    const positions = this.ticks.get(length);
    if (!positions) return -1;
    while (positions.next < positions.list.length && positions.list[positions.next] < from) positions.next += 1;
    return positions.list[positions.next] ?? -1;
  }

  dollar() {
    const { text } = this;
    if (text.startsWith("$$", this.at) && this.math("$$", "$$")) return;
    const next = text[this.at + 1];
    if (next === undefined || /[\s$]/.test(next) || this.at >= this.noMathAfter) return this.literal(1);
    const end = text.indexOf("$", this.at + 1);
    if (end < 0) this.noMathAfter = this.at;
    if (end < 0 || /\s/.test(text[end - 1]) || /[0-9A-Za-z]/.test(text[end + 1] ?? "")) return this.literal(1);
    this.nodes.push({ type: "math", text: text.slice(this.at + 1, end) });
    this.at = end + 1;
  }

  math(opening, closing) {
    const start = this.at + opening.length;
    this.noClosing ??= new Set();
    if (this.noClosing.has(closing)) return false;
    const end = this.text.indexOf(closing, start);
    if (end < 0) {
      this.noClosing.add(closing);
      return false;
    }
    if (end === start) return false;
    this.nodes.push({ type: "math", text: this.text.slice(start, end).trim() });
    this.at = end + closing.length;
    return true;
  }

  delimiter() {
    const { text } = this;
    const mark = text[this.at];
    let length = 1;
    while (text[this.at + length] === mark) length += 1;
    const before = this.at === 0 ? " " : text[this.at - 1];
    const after = text[this.at + length] ?? " ";
    const spaceBefore = /\s/.test(before);
    const spaceAfter = /\s/.test(after);
    const punctuationBefore = unicodePunctuation.test(before);
    const punctuationAfter = unicodePunctuation.test(after);
    const left = !spaceAfter && (!punctuationAfter || spaceBefore || punctuationBefore);
    const right = !spaceBefore && (!punctuationBefore || spaceAfter || punctuationAfter);
    const node = { type: "text", text: text.substr(this.at, length), mark };
    this.nodes.push(node);
    this.at += length;
    if (mark === "~" && length > 2) return;
    const canOpen = mark === "_" ? left && (!right || punctuationBefore) : left;
    const canClose = mark === "_" ? right && (!left || punctuationAfter) : right;
    if (canOpen || canClose) {
      this.delimiters.push({ node, mark, length, original: length, canOpen, canClose, index: this.nodes.length - 1 });
    }
  }

  bracket(image) {
    const node = { type: "text", text: image ? "![" : "[", mark: "[" };
    this.nodes.push(node);
    if (this.brackets.length < deepestBracket) {
      this.brackets.push({ image, index: this.nodes.length - 1, delimiters: this.delimiters.length, active: true });
    }
    this.at += node.text.length;
  }

  closeBracket() {
    const opener = this.brackets.pop();
    if (!opener) return this.literal(1);
    const target = opener.active ? readTarget(this.text, this.at + 1) : null;
    if (!target) return this.openLink(opener) || this.literal(1);
    this.at = target.end;
    this.wrapLink(opener, target);
  }

  wrapLink(opener, target) {
    const children = this.emphasise(opener.delimiters, opener.index + 1);
    this.nodes.length = opener.index;
    if (opener.image) {
      this.nodes.push({ type: "image", src: target.address, alt: plainText(children) });
      return;
    }
    this.nodes.push({ type: "link", href: target.address, children });
    // Links do not nest.
    for (const bracket of this.brackets) if (!bracket.image) bracket.active = false;
  }

  /** While the text still grows: `[label](https://exam` at its end is a link in the making, shown as its label. */
  openLink(opener) {
    if (!this.open || !opener.active || this.text[this.at + 1] !== "(" || /[\s)]/.test(this.text.slice(this.at + 2))) return false;
    this.nodes[opener.index].text = "";
    this.at = this.text.length;
    return true;
  }

  angle() {
    const rest = this.text.substr(this.at, longestAddress);
    const address = angleAddress.exec(rest);
    if (address) {
      const href = /^(https?|mailto):/.test(address[1]) ? address[1] : `mailto:${address[1]}`;
      this.nodes.push({ type: "link", href, children: [{ type: "text", text: address[1] }] });
      this.at += address[0].length;
      return;
    }
    const tag = lineBreakTag.exec(rest);
    if (!tag) return this.literal(1);
    this.nodes.push({ type: "break" });
    this.at += tag[0].length;
  }

  entity() {
    const match = entity.exec(this.text.substr(this.at, 12));
    if (!match) return this.literal(1);
    const code = match[1] ? parseInt(match[1], 10) : match[2] ? parseInt(match[2], 16) : null;
    const valid = code === null || (code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff));
    this.push(code === null ? named[match[3]] : valid ? String.fromCodePoint(code) : "\ufffd");
    this.at += match[0].length;
  }

  newline() {
    const last = this.nodes.at(-1);
    const hard = last?.type === "text" && last.text.endsWith("  ");
    if (last?.type === "text" && !last.mark) last.text = last.text.trimEnd();
    if (hard) this.nodes.push({ type: "break" });
    else this.push("\n");
    this.at += 1;
    while (this.text[this.at] === " ") this.at += 1;
  }

  address() {
    const before = this.text[this.at - 1];
    const match = before === undefined || /[\s(*_~"'>\u201c\u2018\[]/.test(before)
      ? bareAddress.exec(this.text.substr(this.at, longestAddress)) : null;
    const insideLink = this.brackets.some((bracket) => !bracket.image && bracket.active);
    if (!match || insideLink) return this.literal(1);
    let address = match[0].replace(/[?!.,:;*_~'"\]]+$/, "");
    while (address.endsWith(")") && count(address, ")") > count(address, "(")) address = address.slice(0, -1);
    if (address.length <= "https://".length) return this.literal(1);
    this.nodes.push({ type: "link", href: address, children: [{ type: "text", text: address }] });
    this.at += address.length;
  }

  /**
   * Pairs the delimiters from `bottom` on and gives the nodes from `first` on with emphasis nested.
   * Delimiters and nodes are linked lists here, so that wrapping moves no arrays.
   */
  emphasise(bottom, first = 0) {
    const delimiters = this.delimiters.splice(bottom);
    const list = linked(this.nodes.slice(first));
    for (const delimiter of delimiters) delimiter.item = list.items[delimiter.index - first];
    pairDelimiters(delimiters, this.open);
    return unlinked(list.head);
  }
}

function pairDelimiters(delimiters, open) {
  const floor = new Map();
  const stack = [];
  for (const closer of delimiters) {
    if (closer.canClose) {
      while (closer.length > 0) {
        const key = `${closer.mark}${closer.canOpen}${closer.original % 3}`;
        const at = findOpener(stack, closer, floor.get(key) ?? 0);
        if (at < 0) {
          floor.set(key, stack.length);
          break;
        }
        const opener = stack[at];
        stack.length = at + 1;
        for (const [name, value] of floor) if (value > stack.length) floor.set(name, stack.length);
        const used = closer.mark === "~" ? opener.length : opener.length >= 2 && closer.length >= 2 ? 2 : 1;
        wrap(opener, closer, used);
        if (opener.length === 0) stack.pop();
      }
    }
    if (closer.length > 0 && closer.canOpen) stack.push(closer);
  }
  if (open) closeAtEnd(stack);
}

function findOpener(stack, closer, floor) {
  for (let at = stack.length - 1; at >= floor; at -= 1) {
    const opener = stack[at];
    if (opener.mark !== closer.mark) continue;
    if (closer.mark === "~" && opener.length !== closer.length) continue;
    const odd = (opener.canClose || closer.canOpen) && (opener.original + closer.original) % 3 === 0;
    if (odd && !(opener.original % 3 === 0 && closer.original % 3 === 0) && closer.mark !== "~") continue;
    return at;
  }
  return -1;
}

function wrap(opener, closer, used) {
  const type = opener.mark === "~" ? "strike" : used === 2 ? "strong" : "emphasis";
  const first = opener.item.next === closer.item ? null : opener.item.next;
  const node = { type, children: [], depth: 1 };
  if (first) {
    closer.item.prev.next = null;
    node.children = unlinked(first);
    for (const child of node.children) node.depth = Math.max(node.depth, (child.depth ?? 0) + 1);
    if (node.depth > deepestEmphasis) node.children = [{ type: "text", text: plainText(node.children) }];
    if (node.depth > deepestEmphasis) node.depth = 1;
  }
  const item = { node, prev: opener.item, next: closer.item };
  opener.item.next = item;
  closer.item.prev = item;
  shorten(opener, used);
  shorten(closer, used);
}

function shorten(delimiter, used) {
  delimiter.length -= used;
  delimiter.node.text = delimiter.node.text.slice(used);
}

/** Strong text that is still being written is shown strong at once, without its marks. */
function closeAtEnd(stack) {
  for (const opener of stack.reverse()) {
    if (opener.length !== 2 || opener.mark === "~" || !opener.item.next) continue;
    const first = opener.item.next;
    opener.item.next = null;
    opener.item.next = { node: { type: "strong", children: unlinked(first) }, prev: opener.item, next: null };
    shorten(opener, 2);
  }
}

function linked(nodes) {
  const items = nodes.map((node) => ({ node, prev: null, next: null }));
  for (let at = 1; at < items.length; at += 1) {
    items[at].prev = items[at - 1];
    items[at - 1].next = items[at];
  }
  return { items, head: items[0] ?? null };
}

function unlinked(head) {
  const nodes = [];
  for (let item = head; item; item = item.next) {
    const { node } = item;
    if (node.type === "text" && node.text === "") continue;
    const last = nodes.at(-1);
    if (node.type === "text" && last?.type === "text") last.text += node.text;
    else nodes.push(node.type === "text" ? { type: "text", text: node.text } : node);
  }
  return nodes;
}

/** Reads `(address "title")` that starts at `from`; null when it is none. */
function readTarget(text, from) {
  if (text[from] !== "(") return null;
  let at = skipSpace(text, from + 1);
  let address;
  if (text[at] === "<") {
    const end = text.indexOf(">", at);
    if (end < 0 || end - at > longestAddress || text.slice(at, end).includes("\n")) return null;
    address = text.slice(at + 1, end);
    at = end + 1;
  } else {
    let depth = 0;
    const start = at;
    for (; at < text.length && at - start <= longestAddress; at += 1) {
      const character = text[at];
      if (character === "\\") at += 1;
      else if (character === "(" && ++depth > deepestParenthesis) return null;
      else if (character === ")" && depth-- === 0) break;
      else if (/[\s\u0000-\u001f]/.test(character)) break;
    }
    address = text.slice(start, at).replace(/\\([!-/:-@[-`{-~])/g, "$1");
  }
  at = skipSpace(text, at);
  const quote = { '"': '"', "'": "'", "(": ")" }[text[at]];
  if (quote && /\s/.test(text[at - 1])) {
    const end = text.indexOf(quote, at + 1);
    if (end < 0 || end - at > longestAddress) return null;
    at = skipSpace(text, end + 1);
  }
  return text[at] === ")" ? { address, end: at + 1 } : null;
}

function skipSpace(text, from) {
  let at = from;
  while (at < text.length && at - from < 64 && /\s/.test(text[at])) at += 1;
  return at;
}

function count(text, character) {
  return text.split(character).length - 1;
}

/** The text of a tree without its marks. */
export function plainText(nodes) {
  return nodes
    .map((node) => (node.children ? plainText(node.children) : node.type === "break" ? " " : node.text ?? node.alt ?? ""))
    .join("");
}
