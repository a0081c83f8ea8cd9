// Markdown blocks to a tree. Inline text stays text here; `inline.js` takes it apart when it is drawn.
//
// A block is one of
//   {type: "heading", level, text}        {type: "paragraph", text}      {type: "rule"}
//   {type: "code", language, text, open}  {type: "math", text}           {type: "quote", blocks}
//   {type: "list", ordered, start, tight, items: [{checked, blocks}]}
//   {type: "table", align, head, rows}
// `line` is the index of its first line in the lines that were parsed.

const fence = /^( {0,3})(`{3,}|~{3,})(.*)$/;
const heading = /^ {0,3}(#{1,6})(?:[ \t]+(.*))?$/;
const marker = /^( *)([-*+]|\d{1,9}[.)])(?:( +)(.*))?$/;
const quoteMark = /^ {0,3}> ?/;
const underline = /^ {0,3}(=+|-+) *$/;
const rule = /^ {0,3}([-*_])(?: *\1){2,} *$/;
const deepest = 16;

/** Parses a whole text. */
export function parse(text) {
  return parseLines(splitLines(text), 0);
}

export function splitLines(text) {
  return text.replaceAll("\r\n", "\n").replaceAll("\0", "\ufffd").split("\n").map(expandTabs);
}

/** Parses lines; `depth` counts the quotes and lists around them. */
export function parseLines(lines, depth) {
  const blocks = [];
  let at = 0;
  while (at < lines.length) {
    if (isBlank(lines[at])) {
      at += 1;
      continue;
    }
    const { block, next } = readBlock(lines, at, depth);
    block.line = at;
    blocks.push(block);
    at = next;
  }
  return blocks;
}

function readBlock(lines, at, depth) {
  const line = lines[at];
  if (startsWithLetter(line)) return tableAt(lines, at) ? readTable(lines, at) : readParagraph(lines, at, depth);
  if (openingFence(line)) return readFence(lines, at);
  if (line.startsWith("    ")) return readIndentedCode(lines, at);
  const title = heading.exec(line);
  if (title) return { block: headingBlock(title), next: at + 1 };
  if (isRule(line)) return { block: { type: "rule" }, next: at + 1 };
  const math = openingMath(line);
  if (math) return readMath(lines, at, math);
  if (depth < deepest) {
    if (quoteMark.test(line)) return readQuote(lines, at, depth);
    if (listMarker(line)) return readList(lines, at, depth);
  }
  if (tableAt(lines, at)) return readTable(lines, at);
  return readParagraph(lines, at, depth);
}

// MARK: Leaves

export function openingFence(line) {
  const match = fence.exec(line);
  // Backticks after an opening run of backticks make it inline code.
  if (!match || (match[2][0] === "`" && match[3].includes("`"))) return null;
  return { indent: match[1].length, mark: match[2][0], length: match[2].length, language: match[3].trim().split(/\s+/)[0] };
}

export function closesFence(line, opening) {
  const match = fence.exec(line);
  return match !== null && match[2][0] === opening.mark && match[2].length >= opening.length && match[3].trim() === "";
}

function readFence(lines, at) {
  const opening = openingFence(lines[at]);
  const body = [];
  let next = at + 1;
  while (next < lines.length && !closesFence(lines[next], opening)) {
    body.push(unindent(lines[next], opening.indent));
    next += 1;
  }
  const open = next >= lines.length;
  return { block: { type: "code", language: opening.language, text: body.join("\n"), open }, next: next + 1 };
}

function readIndentedCode(lines, at) {
  let next = at;
  while (next < lines.length && (isBlank(lines[next]) || lines[next].startsWith("    "))) next += 1;
  while (isBlank(lines[next - 1])) next -= 1;
  const text = lines.slice(at, next).map((line) => unindent(line, 4)).join("\n");
  return { block: { type: "code", language: "", text, open: false }, next };
}

function headingBlock(match) {
  const text = (match[2] ?? "").replace(/(^|[ \t])#+[ \t]*$/, "").trim();
  return { type: "heading", level: match[1].length, text };
}

function isRule(line) {
  return rule.test(line);
}

function openingMath(line) {
  const text = line.trim();
  if (text.startsWith("$$")) return { opening: "$$", closing: "$$" };
  if (text.startsWith("\\[")) return { opening: "\\[", closing: "\\]" };
  return null;
}

function readMath(lines, at, { opening, closing }) {
  const first = lines[at].trim().slice(opening.length);
  const body = [];
  let next = at;
  let rest = first;
  for (;;) {
    const end = rest.indexOf(closing);
    if (end >= 0) {
      // Text after the formula makes the line a paragraph with math inside.
      if (rest.slice(end + closing.length).trim() !== "" && next === at) return readParagraph(lines, at, deepest, true);
      body.push(rest.slice(0, end));
      break;
    }
    body.push(rest);
    next += 1;
    if (next >= lines.length || isBlank(lines[next])) break;
    rest = lines[next];
  }
  return { block: { type: "math", text: body.join("\n").trim() }, next: next + 1 };
}

function readParagraph(lines, at, depth, first = false) {
  const text = [];
  let next = at;
  while (next < lines.length && !isBlank(lines[next])) {
    const line = lines[next];
    if (next > at) {
      const under = underline.exec(line);
      if (under) {
        const level = under[1][0] === "=" ? 1 : 2;
        return { block: { type: "heading", level, text: text.join("\n").trim() }, next: next + 1 };
      }
      if (interrupts(line, depth) || tableAt(lines, next)) break;
    }
    text.push(line.trimStart());
    next += 1;
    if (first && next === at) break;
  }
  return { block: { type: "paragraph", text: text.join("\n").trim() }, next };
}

/** Whether a line starts a block although the paragraph above it has not ended. */
function interrupts(line, depth) {
  if (startsWithLetter(line)) return false;
  if (openingFence(line) || heading.test(line) || isRule(line) || openingMath(line)) return true;
  if (depth >= deepest) return false;
  if (quoteMark.test(line)) return true;
  const item = listMarker(line);
  return item !== null && item.rest !== "" && (!item.ordered || item.start === 1);
}

// MARK: Containers

function readQuote(lines, at, depth) {
  const inner = [];
  let next = at;
  while (next < lines.length) {
    const line = lines[next];
    if (quoteMark.test(line)) inner.push(line.replace(quoteMark, ""));
    else if (isBlank(line) || isBlank(inner.at(-1)) || interrupts(line, depth)) break;
    else inner.push(line);
    next += 1;
  }
  return { block: { type: "quote", blocks: parseLines(inner, depth + 1) }, next };
}

function listMarker(line) {
  if (startsWithLetter(line)) return null;
  const match = marker.exec(line);
  if (!match || isRule(line)) return null;
  const ordered = match[2].length > 1;
  const spaces = match[3]?.length ?? 1;
  const rest = match[4] ?? "";
  const gap = spaces > 4 || rest === "" ? 1 : spaces;
  return {
    indent: match[1].length,
    // Where the item's own text starts.
    offset: match[1].length + match[2].length + gap,
    ordered,
    kind: ordered ? match[2].at(-1) : match[2],
    start: ordered ? parseInt(match[2], 10) : 1,
    rest: " ".repeat(spaces - gap) + rest,
  };
}

function readList(lines, at, depth) {
  const first = listMarker(lines[at]);
  const items = [];
  let tight = true;
  let next = at;
  while (next < lines.length) {
    const mark = listMarker(lines[next]);
    if (!mark || mark.ordered !== first.ordered || mark.kind !== first.kind || mark.indent > first.indent + 3) break;
    const item = readItem(lines, next, mark, depth);
    items.push(item.value);
    next = item.next;
    if (item.loose) tight = false;
    let blank = next;
    while (blank < lines.length && isBlank(lines[blank])) blank += 1;
    if (blank > next) {
      const following = blank < lines.length ? listMarker(lines[blank]) : null;
      if (!following || following.ordered !== first.ordered || following.kind !== first.kind) break;
      tight = false;
      next = blank;
    }
  }
  return { block: { type: "list", ordered: first.ordered, start: first.start, tight, items }, next };
}

/**
 * Reads one item. Models indent nested lists by two spaces whatever the marker's width, so two are enough here,
 * where CommonMark asks for the width of the marker.
 */
function readItem(lines, at, mark, depth) {
  const needed = Math.min(mark.offset, mark.indent + 2);
  const inner = [mark.rest];
  let next = at + 1;
  let blanks = 0;
  let code = openingFence(mark.rest);
  while (next < lines.length) {
    const line = lines[next];
    if (isBlank(line)) {
      blanks += 1;
      inner.push("");
      next += 1;
      if (blanks > 1 && inner.every(isBlank)) break;
      continue;
    }
    const indent = indentation(line);
    const belongs = indent >= needed;
    const lazy = !code && blanks === 0 && !interrupts(line, depth) && !listMarker(line) && inner.at(-1) !== "";
    if (!belongs && !lazy) break;
    const text = unindent(line, mark.offset);
    if (code) code = closesFence(text, code) ? null : code;
    else code = openingFence(text);
    inner.push(text);
    blanks = 0;
    next += 1;
  }
  next -= blanks;
  inner.length -= blanks;
  const task = /^\[([ xX])\] +(?=\S)/.exec(inner[0]);
  if (task) inner[0] = inner[0].slice(task[0].length);
  const blocks = parseLines(inner, depth + 1);
  const loose = blocks.some((block, index) => index > 0 && block.line > 0 && isBlank(inner[block.line - 1]) && block.type !== "list");
  return { value: { checked: task ? task[1] !== " " : null, blocks }, next, loose };
}

// MARK: Tables

function tableAt(lines, at) {
  if (at + 1 >= lines.length || !lines[at].includes("|") || !/^[ |:-]+$/.test(lines[at + 1])) return false;
  const align = alignment(lines[at + 1]);
  return align !== null && align.length === cells(lines[at]).length;
}

function alignment(line) {
  if (!line.includes("-") || !(line.includes("|") || line.includes(":"))) return null;
  const marks = cells(line);
  if (!marks.every((mark) => /^:?-+:?$/.test(mark))) return null;
  return marks.map((mark) => {
    const left = mark.startsWith(":");
    const right = mark.endsWith(":");
    return left && right ? "center" : right ? "right" : left ? "left" : null;
  });
}

function readTable(lines, at) {
  const head = cells(lines[at]);
  const align = alignment(lines[at + 1]);
  const rows = [];
  let next = at + 2;
  while (next < lines.length && !isBlank(lines[next]) && lines[next].includes("|")) {
    const row = cells(lines[next]);
    rows.push(head.map((_, column) => row[column] ?? ""));
    next += 1;
  }
  return { block: { type: "table", align, head, rows }, next };
}

function cells(line) {
  const text = line.trim();
  const parts = [];
  let part = "";
  for (let at = text.startsWith("|") ? 1 : 0; at < text.length; at += 1) {
    if (text[at] === "\\" && text[at + 1] === "|") {
      part += "|";
      at += 1;
    } else if (text[at] === "|") {
      parts.push(part.trim());
      part = "";
    } else {
      part += text[at];
    }
  }
  if (part.trim() !== "" || !text.endsWith("|")) parts.push(part.trim());
  return parts;
}

// MARK: Lines

function isBlank(line) {
  return line === undefined || line.trim() === "";
}

/** Most lines do, and none of them starts anything but a paragraph or a table. */
function startsWithLetter(line) {
  const code = line.charCodeAt(0) | 32;
  return code >= 97 && code <= 122;
}

function indentation(line) {
  let at = 0;
  while (line[at] === " ") at += 1;
  return at;
}

function unindent(line, columns) {
  return line.slice(Math.min(columns, indentation(line)));
}

/** Tabs in front of a line stand for columns of four. */
function expandTabs(line) {
  if (!line.includes("\t")) return line;
  let columns = 0;
  let at = 0;
  for (; line[at] === " " || line[at] === "\t"; at += 1) columns += line[at] === "\t" ? 4 - (columns % 4) : 1;
  return " ".repeat(columns) + line.slice(at);
}
