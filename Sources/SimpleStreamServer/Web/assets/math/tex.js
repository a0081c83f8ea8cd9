// A useful part of TeX's formulas to a tree of MathML: `{tag, attributes, children}`, or `{tag, attributes, text}`.
//
// What it does not know it refuses as a whole: half a formula would be a wrong one. The source is then shown instead.

import { accents, alphabets, fences, functions, integrals, large, letters, limits, operators, spaces, underAccents } from "./symbols.js";

const longest = 4000;
const deepest = 40;
const mostNodes = 6000;

/** The formula's tree; null for what is not understood. */
export function parseTeX(source, { display = false } = {}) {
  if (source.length > longest) return null;
  try {
    return new TeXParser(source, display).parse();
  } catch (error) {
    if (error instanceof Unknown) return null;
    throw error;
  }
}

class Unknown extends Error {}

const node = (tag, children, attributes = {}) => ({ tag, attributes, children });
const leaf = (tag, text, attributes = {}) => ({ tag, attributes, text });

class TeXParser {
  constructor(source, display) {
    this.tokens = tokens(source);
    this.display = display;
    this.at = 0;
    this.depth = 0;
    this.count = 0;
  }

  parse() {
    const body = this.rows(() => this.peek() === undefined);
    if (this.peek() !== undefined) throw new Unknown();
    return body;
  }

  peek() {
    return this.tokens[this.at];
  }

  next() {
    const token = this.tokens[this.at];
    if (token === undefined) throw new Unknown();
    this.at += 1;
    return token;
  }

  made(item) {
    this.count += 1;
    if (this.count > mostNodes) throw new Unknown();
    return item;
  }

  nested(read) {
    this.depth += 1;
    if (this.depth > deepest) throw new Unknown();
    const result = read();
    this.depth -= 1;
    return result;
  }

  /** A formula that may have several lines, as models write without an environment. */
  rows(isEnd) {
    const lines = [];
    let cells = [];
    let items = [];
    const flush = () => {
      cells.push(row(items));
      items = [];
    };
    for (;;) {
      if (isEnd()) break;
      const token = this.peek();
      if (token === "\\\\" || token === "\\cr") {
        this.next();
        if (this.peek() === "[") this.skipOption();
        flush();
        lines.push(cells);
        cells = [];
      } else if (token === "&") {
        this.next();
        flush();
      } else {
        items.push(this.scripted());
      }
    }
    if (items.length > 0 || cells.length > 0 || lines.length === 0) {
      flush();
      lines.push(cells);
    }
    if (lines.length === 1 && lines[0].length === 1) return lines[0][0];
    return table(lines, "right left");
  }

  skipOption() {
    while (this.next() !== "]") { /* a length between lines, which the browser chooses better */ }
  }

  /** Items up to a closing brace or another end. */
  items(isEnd) {
    const items = [];
    while (!isEnd(this.peek())) {
      if (this.peek() === undefined) throw new Unknown();
      items.push(this.scripted());
    }
    return items;
  }

  /** One item with what hangs on it. */
  scripted() {
    const base = this.peek() === "^" || this.peek() === "_" ? node("mrow", []) : this.atom();
    let below = null;
    let above = null;
    let primes = "";
    let stacks = base.stacks ?? false;
    for (;;) {
      const token = this.peek();
      if (token === "_" && !below) {
        this.next();
        below = this.argument();
      } else if (token === "^" && !above) {
        this.next();
        above = this.argument();
      } else if (token === "'") {
        this.next();
        primes += "′";
      } else if (token === "\\limits" || token === "\\nolimits") {
        this.next();
        stacks = token === "\\limits";
      } else {
        break;
      }
    }
    if (primes) {
      const mark = leaf("mo", primes);
      above = above ? node("mrow", [mark, above]) : mark;
    }
    if (!below && !above) return base;
    const tags = stacks ? ["munder", "mover", "munderover"] : ["msub", "msup", "msubsup"];
    if (below && above) return this.made(node(tags[2], [base, below, above]));
    return this.made(below ? node(tags[0], [base, below]) : node(tags[1], [base, above]));
  }

  /** What a command applies to: a group, or one item; of a number its first digit. */
  argument() {
    return this.nested(() => {
      if (/^\d./.test(this.peek() ?? "")) {
        const number = this.next();
        this.tokens.splice(this.at, 0, number.slice(1));
        return this.made(leaf("mn", number[0]));
      }
      if (this.peek() !== "{") return this.atom();
      this.next();
      const items = this.items((token) => token === "}");
      this.next();
      return row(items);
    });
  }

  atom() {
    return this.made(this.nested(() => this.read()));
  }

  read() {
    const token = this.next();
    if (token.startsWith("\\")) return this.command(token.slice(1));
    switch (token) {
      case "{": {
        const items = this.items((end) => end === "}");
        this.next();
        return row(items);
      }
      case "}": case "&": case "^": case "_": throw new Unknown();
      case "~": return space(.25);
      case "-": return leaf("mo", "−");
      case "*": return leaf("mo", "∗");
      case "(": case "[": return leaf("mo", token, { stretchy: "false" });
      case ")": case "]": return leaf("mo", token, { stretchy: "false" });
      case "|": return leaf("mo", "|", { stretchy: "false" });
      case "/": return leaf("mo", "/");
    }
    if (/^[\d.]/.test(token)) return leaf("mn", token);
    if (/^\p{L}/u.test(token)) return leaf("mi", token);
    if (/^[\p{P}\p{S}]/u.test(token)) return leaf("mo", token);
    throw new Unknown();
  }

  command(name) {
    if (letters.has(name)) return leaf("mi", letters.get(name), /^[A-Z]/.test(name) ? { mathvariant: "normal" } : {});
    if (large.has(name)) return this.largeOperator(large.get(name));
    if (operators.has(name)) return leaf("mo", operators.get(name));
    if (functions.has(name)) return this.named(name, limits.has(name));
    if (spaces.has(name)) return space(spaces.get(name));
    if (accents.has(name)) return this.accent(...accents.get(name));
    if (underAccents.has(name)) return this.underAccent(underAccents.get(name));
    if (alphabets[name]) return restyle(this.argument(), alphabets[name]);
    if (fences.has(`\\${name}`)) return leaf("mo", fences.get(`\\${name}`), { stretchy: "false" });
    return this.structure(name);
  }

  structure(name) {
    switch (name) {
      case "frac": case "dfrac": case "tfrac": case "cfrac": return this.fraction(name);
      case "binom": case "dbinom": case "tbinom": return this.binomial();
      case "sqrt": return this.root();
      case "text": case "textrm": case "textit": case "textbf": case "texttt": case "mbox": case "textnormal": return leaf("mtext", this.plainText());
      case "mathrm": case "mathit": case "mathnormal": case "rm": return this.upright(name);
      case "operatorname": return this.operatorName();
      case "left": return this.fenced();
      case "middle": return leaf("mo", this.fence(), { stretchy: "true" });
      case "big": case "Big": case "bigg": case "Bigg": case "bigl": case "bigr": case "Bigl": case "Bigr": case "biggl": case "biggr": case "bigm": case "Biggl": case "Biggr":
        return leaf("mo", this.fence(), bigSize(name));
      case "begin": return this.environment();
      case "overset": case "stackrel": return this.stacked("mover", true);
      case "underset": return this.stacked("munder", true);
      case "xrightarrow": case "xleftarrow": return this.arrow(name);
      case "pmod": return this.modulus();
      case "bmod": case "mod": return leaf("mo", "mod", { lspace: ".25em", rspace: ".25em" });
      case "not": return this.negated();
      case "boxed": return node("menclose", [this.argument()], { notation: "box", class: "boxed" });
      case "phantom": return node("mphantom", [this.argument()]);
      case "tag": return leaf("mtext", ` (${this.plainText()})`);
      case "displaystyle": case "textstyle": case "scriptstyle": case "nonumber": case "notag": return node("mrow", []);
      case "%": case "$": case "#": case "&": case "_": return leaf("mo", name);
      case "{": case "}": return leaf("mo", name, { stretchy: "false" });
      case "|": return leaf("mo", "‖", { stretchy: "false" });
    }
    throw new Unknown();
  }

  // MARK: Commands

  largeOperator(character) {
    const operator = leaf("mo", character, { largeop: this.display ? "true" : null });
    operator.stacks = this.display && !integrals.has(character);
    return operator;
  }

  named(name, stacks) {
    const operator = leaf("mi", name === "limsup" ? "lim sup" : name === "liminf" ? "lim inf" : name.replace("arg", "arg\u2009").trim(), { mathvariant: "normal" });
    operator.stacks = stacks && this.display;
    return operator;
  }

  operatorName() {
    if (this.peek() === "*") this.next();
    const operator = leaf("mi", this.plainText(), { mathvariant: "normal" });
    return operator;
  }

  fraction(name) {
    const parts = [this.argument(), this.argument()];
    const fraction = node("mfrac", parts);
    if (name === "dfrac" || name === "cfrac") return node("mstyle", [fraction], { displaystyle: "true" });
    return name === "tfrac" ? node("mstyle", [fraction], { displaystyle: "false" }) : fraction;
  }

  binomial() {
    const parts = [this.argument(), this.argument()];
    return node("mrow", [leaf("mo", "("), node("mfrac", parts, { linethickness: "0" }), leaf("mo", ")")]);
  }

  root() {
    if (this.peek() !== "[") return node("msqrt", [this.argument()]);
    this.next();
    const degree = row(this.items((token) => token === "]"));
    this.next();
    return node("mroot", [this.argument(), degree]);
  }

  accent(character, stretches) {
    const base = this.argument();
    const mark = leaf("mo", character, { stretchy: String(stretches) });
    const made = node("mover", [base, mark], { accent: "true" });
    made.stacks = character === "⏞";
    return made;
  }

  underAccent(character) {
    const made = node("munder", [this.argument(), leaf("mo", character, { stretchy: "true" })], { accentunder: "true" });
    made.stacks = character === "⏟";
    return made;
  }

  stacked(tag) {
    const small = this.argument();
    return node(tag, [this.argument(), small]);
  }

  arrow(name) {
    const arrow = leaf("mo", name === "xrightarrow" ? "→" : "←", { stretchy: "true" });
    let below = null;
    if (this.peek() === "[") {
      this.next();
      below = row(this.items((token) => token === "]"));
      this.next();
    }
    const above = this.argument();
    return below ? node("munderover", [arrow, below, above]) : node("mover", [arrow, above]);
  }

  modulus() {
    return node("mrow", [space(.5), leaf("mo", "("), leaf("mo", "mod", { rspace: ".25em" }), this.argument(), leaf("mo", ")")]);
  }

  negated() {
    const item = this.read();
    if (item.text === undefined) throw new Unknown();
    return leaf("mo", `${item.text}\u0338`.normalize("NFC"));
  }

  upright(name) {
    if (name === "rm") return node("mrow", []);
    const start = this.at;
    // One word is an upright name; anything longer keeps its parts.
    if (name === "mathrm" && this.peek() === "{") {
      const end = this.tokens.indexOf("}", start);
      const inside = this.tokens.slice(start + 1, end);
      if (end > start && inside.every((token) => /^[\p{L}\p{N} ]+$/u.test(token))) {
        this.at = end + 1;
        return leaf("mi", inside.join(""), { mathvariant: "normal" });
      }
    }
    return this.argument();
  }

  /** The text in braces, as it stands. */
  plainText() {
    const token = this.next();
    if (!token.startsWith("\u0000")) throw new Unknown();
    return token.slice(1).replace(/\\([#$%&_{} ])/g, "$1").replace(/\s+/g, "\u00a0");
  }

  // MARK: Fences and environments

  fence() {
    const token = this.next();
    if (!fences.has(token)) throw new Unknown();
    return fences.get(token);
  }

  fenced() {
    const opening = this.fence();
    const body = [];
    while (this.peek() !== "\\right") {
      if (this.peek() === undefined) throw new Unknown();
      body.push(this.scripted());
    }
    this.next();
    const closing = this.fence();
    const mark = (text, form) => leaf("mo", text, { fence: "true", form, stretchy: "true" });
    return node("mrow", [mark(opening, "prefix"), row(body), mark(closing, "postfix")]);
  }

  environment() {
    const name = this.plainText().replace("*", "");
    const [opening, closing, align] = environments[name] ?? [];
    if (opening === undefined) throw new Unknown();
    if (name === "array" || name === "alignedat") this.plainText();
    const lines = this.lines();
    if (this.plainText().replace("*", "") !== name) throw new Unknown();
    const body = table(lines, align, name === "cases" || name === "dcases" || name === "rcases");
    if (opening === "" && closing === "") return body;
    return node("mrow", [leaf("mo", opening, { fence: "true", form: "prefix", stretchy: "true" }), body, leaf("mo", closing, { fence: "true", form: "postfix", stretchy: "true" })]);
  }

  /** Rows of cells up to `\end`. */
  lines() {
    const lines = [];
    let cells = [];
    let items = [];
    for (;;) {
      const token = this.peek();
      if (token === undefined) throw new Unknown();
      if (token === "\\hline") {
        this.next();
      } else if (token === "&") {
        this.next();
        cells.push(row(items));
        items = [];
      } else if (token === "\\\\" || token === "\\cr" || token === "\\end") {
        this.next();
        if (token !== "\\end" && this.peek() === "[") this.skipOption();
        if (items.length > 0 || cells.length > 0) lines.push([...cells, row(items)]);
        cells = [];
        items = [];
        if (token === "\\end") return lines;
      } else {
        items.push(this.scripted());
      }
    }
  }
}

const environments = {
  matrix: ["", "", "center"], smallmatrix: ["", "", "center"], pmatrix: ["(", ")", "center"], bmatrix: ["[", "]", "center"], Bmatrix: ["{", "}", "center"],
  vmatrix: ["|", "|", "center"], Vmatrix: ["‖", "‖", "center"], array: ["", "", "center"], cases: ["{", "", "left"], dcases: ["{", "", "left"], rcases: ["", "}", "left"],
  align: ["", "", "right left"], aligned: ["", "", "right left"], alignedat: ["", "", "right left"], split: ["", "", "right left"], gather: ["", "", "center"], gathered: ["", "", "center"],
  equation: ["", "", "center"], eqnarray: ["", "", "right center left"],
};

function row(items) {
  return items.length === 1 ? items[0] : node("mrow", items);
}

function table(lines, align, isCases = false) {
  const aligns = align.split(" ");
  const rows = lines.map((cells) => node("mtr", cells.map((cell, column) => node("mtd", [cell], { class: `tex-${aligns[column % aligns.length]}` }))));
  const loose = aligns.length === 1 && !isCases;
  return node("mtable", rows, { class: loose ? "tex-table" : "tex-table tex-close", displaystyle: align.startsWith("right") ? "true" : null });
}

function space(width) {
  return node("mspace", [], { width: `${width}em` });
}

function bigSize(name) {
  const factor = /^Bigg/.test(name) ? 3 : /^bigg/.test(name) ? 2.4 : /^Big/.test(name) ? 1.8 : 1.2;
  return { stretchy: "true", symmetric: "true", minsize: `${factor}em`, maxsize: `${factor}em` };
}

/** Writes the letters below in another alphabet. */
function restyle(item, letter) {
  if (item.text === undefined) return { ...item, children: item.children.map((child) => restyle(child, letter)) };
  if (item.tag !== "mi" && item.tag !== "mn") return item;
  return { ...item, text: [...item.text].map(letter).join(""), attributes: { ...item.attributes, mathvariant: item.tag === "mi" ? "normal" : null } };
}

const textCommands = /^\\(?:text(?:rm|it|bf|tt|normal)?|mbox|operatorname\*?|begin|end|tag)\s*\{/;

/** Cuts the source up. Text in braces stays whole, marked by a NUL. */
function tokens(source) {
  const list = [];
  let at = 0;
  let wantsText = null;
  while (at < source.length) {
    const rest = source.slice(at, at + 64);
    const text = textCommands.exec(rest);
    if (text) {
      const start = at + text[0].length;
      const end = closingBrace(source, start);
      list.push(/^\\[a-z]+/.exec(text[0])[0]);
      list.push(`\u0000${source.slice(start, end)}`);
      at = end + 1;
      // The columns of an array are an option of `\begin`, and they, too, stay text.
      wantsText = text[0].startsWith("\\begin") && /^(array|alignedat)$/.test(source.slice(start, end)) ? "columns" : null;
      continue;
    }
    if (wantsText && source[at] === "{") {
      const end = closingBrace(source, at + 1);
      list.push(`\u0000${source.slice(at + 1, end)}`);
      at = end + 1;
      wantsText = null;
      continue;
    }
    const token = /^(?:\\[A-Za-z]+|\\[^]|\d+(?:[.,]\d+)*|\.\d+|\s+)/.exec(rest)?.[0] ?? String.fromCodePoint(source.codePointAt(at));
    at += token.length;
    // A comma of a number is one only between digits; longer numbers are one token.
    if (/^\s+$/.test(token)) continue;
    list.push(token);
  }
  return list;
}

function closingBrace(source, from) {
  let depth = 1;
  for (let at = from; at < source.length; at += 1) {
    if (source[at] === "\\") at += 1;
    else if (source[at] === "{") depth += 1;
    else if (source[at] === "}" && --depth === 0) return at;
  }
  throw new Unknown();
}
