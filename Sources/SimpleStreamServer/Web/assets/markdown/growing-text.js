// Markdown that is still being written. What cannot change any more is handed out once; only the unfinished
// end is parsed again, so a long answer costs time in proportion to its length.

import { closesFence, openingFence, parseLines, splitLines } from "./parse.js";

export class GrowingText {
  #source = "";
  /** Where the part that may still change starts. */
  #offset = 0;
  #fence = null;

  /**
   * Takes the whole text so far and gives `{restarted, finished, tail}`: the blocks that are now final, in order after
   * those given before, and the blocks of the unfinished end. `restarted` says that all given before is void.
   */
  update(source) {
    const restarted = !source.startsWith(this.#source);
    if (restarted) {
      this.#offset = 0;
      this.#fence = null;
    }
    this.#source = source;
    const finished = [];
    let tail = this.#continueFence(finished);
    if (!tail) tail = this.#parseTail(finished);
    return { restarted, finished, tail };
  }

  /** The text ended: the rest is final too. */
  end() {
    const tail = parseLines(splitLines(this.#source.slice(this.#offset)), 0);
    this.#offset = this.#source.length;
    this.#fence = null;
    return tail;
  }

  #parseTail(finished) {
    const text = this.#source.slice(this.#offset);
    const lines = splitLines(text);
    const blocks = parseLines(lines, 0);
    // The last line may go on, and turn into something else: a block is final when one after it has a whole line.
    const whole = lines.length - 1;
    let open = blocks.length - 1;
    while (open > 0 && blocks[open].line >= whole) open -= 1;
    if (open > 0) {
      finished.push(...blocks.slice(0, open));
      this.#offset += offsetOfLine(text, blocks[open].line);
    }
    const tail = blocks.slice(Math.max(open, 0));
    this.#rememberFence(tail);
    return tail;
  }

  /** A fence at the start of the unfinished end is followed line by line instead of parsed anew. */
  #rememberFence(tail) {
    this.#fence = null;
    if (tail.length !== 1 || tail[0].type !== "code" || !tail[0].open) return;
    const rest = this.#source.slice(this.#offset);
    const start = this.#offset + (rest.length - rest.replace(/^\s*\n/, "").length);
    const lineEnd = this.#source.indexOf("\n", start);
    if (lineEnd < 0) return;
    const opening = openingFence(this.#source.slice(start, lineEnd).replace(/\r$/, ""));
    if (!opening || opening.indent > 0) return;
    this.#fence = { opening, body: lineEnd + 1, scanned: lineEnd + 1 };
  }

  #continueFence(finished) {
    const fence = this.#fence;
    if (!fence) return null;
    for (;;) {
      const end = this.#source.indexOf("\n", fence.scanned);
      if (end < 0) break;
      if (closesFence(this.#source.slice(fence.scanned, end).replace(/\r$/, ""), fence.opening)) {
        finished.push(this.#codeBlock(fence, Math.max(fence.body, fence.scanned - 1), false));
        this.#offset = end + 1;
        this.#fence = null;
        return null;
      }
      fence.scanned = end + 1;
    }
    const lastLine = this.#source.slice(fence.scanned);
    const closing = closesFence(lastLine, fence.opening) || (lastLine !== "" && /^[`~]+$/.test(lastLine));
    const end = closing ? Math.max(fence.body, fence.scanned - 1) : this.#source.length;
    return [this.#codeBlock(fence, end, true)];
  }

  #codeBlock(fence, end, open) {
    const text = this.#source.slice(fence.body, end).replaceAll("\r\n", "\n");
    return { type: "code", language: fence.opening.language, text, open };
  }
}

function offsetOfLine(text, line) {
  let at = 0;
  for (let count = 0; count < line; count += 1) at = text.indexOf("\n", at) + 1;
  return at;
}
