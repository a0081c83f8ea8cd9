import { GrowingText } from "/assets/markdown/growing-text.js";
import { highlight } from "/assets/markdown/highlight.js";
import { parseInline, plainText } from "/assets/markdown/inline.js";
import { picture, safeLink } from "/assets/markdown/links.js";
import { parse } from "/assets/markdown/parse.js";
import { MarkdownView } from "/assets/markdown/render.js";
import { check, equal } from "/unit-tests/assert.js";

/** Blocks without the lines they came from. */
const bare = (blocks) => JSON.parse(JSON.stringify(blocks, (key, value) => (key === "line" || key === "open" ? undefined : value)));
/** Inline text as short marks: `strong(a)`. */
const marks = (nodes) => nodes.map((node) => {
  if (node.type === "text") return node.text;
  if (node.type === "break") return "|";
  return `${node.type}(${node.children ? marks(node.children) : node.text ?? node.alt})`;
}).join("");
const inline = (text, options) => marks(parseInline(text, options));

const everything = [
  "# Title", "", "A *word* and", "a second line", "", "Under", "---", "", "- a", "  - b", "", "  c", "- [x] d", "", "1. one",
  "   ```js", "   x", "   ```", "2. two", "", "> said", "lazy", "", "| a | b |", "|:--|--:|", "| 1 | 2\\|3 |", "", "---", "$$", "x^2", "$$",
  "```py", "print(1)", "", "``", "more", "```", "after", "~~~", "x", "~~~", "", "end **bold** `code` [l](https://example.com)",
].join("\n");

export const tests = {
  "paragraphs, headings and rules"() {
    equal(bare(parse("# One #\n\ntext\ngoes on\n\nTwo\n===\n***\n#no")), [
      { type: "heading", level: 1, text: "One" }, { type: "paragraph", text: "text\ngoes on" },
      { type: "heading", level: 1, text: "Two" }, { type: "rule" }, { type: "paragraph", text: "#no" },
    ]);
  },
  "fences keep what is in them"() {
    equal(bare(parse("~~~~ py x\n```\n# no\n~~~\n~~~~\nafter")), [
      { type: "code", language: "py", text: "```\n# no\n~~~" }, { type: "paragraph", text: "after" },
    ]);
    equal(parse("```\nopen")[0].open, true);
  },
  "lists nest, number, tick and stay tight"() {
    const [list] = parse("3. a\n   - b\n     - c\n4. [ ] d\n5. [x] e");
    equal([list.ordered, list.start, list.tight, list.items.length], [true, 3, true, 3]);
    equal(list.items.map((item) => item.checked), [null, false, true]);
    equal(list.items[0].blocks[1].items[0].blocks[1].items[0].blocks[0].text, "c");
  },
  "two spaces nest under a number"() {
    equal(parse("1. a\n  - b\n2. c").length, 1);
  },
  "blank lines between items make a list loose"() {
    equal(parse("- a\n\n- b")[0].tight, false);
    equal(parse("- a\n- b\n\ntext").map((block) => block.type), ["list", "paragraph"]);
  },
  "tables align and fill up"() {
    const [table] = parse("a | b | c\n:-|:-:|-:\n1 | x\\|y | 3 | 4\n2\n\nnext");
    equal([table.type, table.align, table.head], ["table", ["left", "center", "right"], ["a", "b", "c"]]);
    equal(table.rows, [["1", "x|y", "3"]]);
  },
  "a line of dashes under words is no table"() {
    equal(parse("a | b\n---").map((block) => block.type), ["heading"]);
  },
  "emphasis"() {
    equal(inline("**a** *b* ***c*** ~~d~~ _e_f_ g_h_i"), "strong(a) emphasis(b) emphasis(strong(c)) strike(d) emphasis(e_f) g_h_i");
    equal(inline("2 * 3 * 4 and \\*x\\*"), "2 * 3 * 4 and *x*");
    equal(inline("**\u4f60\u597d**\uff0c"), "strong(\u4f60\u597d)\uff0c");
  },
  "code"() {
    equal(inline("`a` ``b`c`` `open"), "code(a) code(b`c) `open");
    equal(inline("`<b>` **`x`**"), "code(<b>) strong(code(x))");
  },
  "links and addresses"() {
    const [link] = parseInline("[a *b*](<https://x.y/z z> \"title\")");
    equal([link.type, link.href, plainText(link.children)], ["link", "https://x.y/z z", "a b"]);
    equal(parseInline("(https://a.b/c_(d)).").map((node) => node.href ?? node.text), ["(", "https://a.b/c_(d)", ")."]);
    equal(inline("[[a](https://b.c)](https://d.e)"), "[link(a)](link(https://d.e))");
    equal(inline("nothttps://a.b"), "nothttps://a.b");
  },
  "math is source, money is money"() {
    equal(inline("$e^{x}$ and \\(y_1*z*\\) but $5 or $10"), "math(e^{x}) and math(y_1*z*) but $5 or $10");
    equal(bare(parse("$$\na\n$$\n\\[b\\]")), [{ type: "math", text: "a" }, { type: "math", text: "b" }]);
  },
  "breaks and entities"() {
    equal(inline("a  \nb\\\nc<br>d\ne &amp; &#x41; &nope;"), "a|b|c|d\ne & A &nope;");
  },
  "what is still being written looks as it will"() {
    equal(inline("so **bold and `co", { open: true }), "so strong(bold and code(co))");
    equal(inline("see [the docs](https://exa", { open: true }), "see the docs");
    equal(inline("see [1] and [x](y z", { open: true }), "see [1] and [x](y z");
  },
  "only some addresses become links"() {
    for (const bad of ["javascript:alert(1)", " javascript:x", "java\nscript:x", "data:text/html,x", "vbscript:x", "file:///x", "//x.y", "/x", "#x", "x", "blob:https://x"]) {
      equal(safeLink(bad), null);
    }
    equal(safeLink("https://x.y/a b"), "https://x.y/a%20b");
    equal(safeLink("mailto:a@b.c"), "mailto:a@b.c");
    equal(picture("data:image/svg+xml;base64,AAAA"), null);
    equal(picture("data:image/png;base64,AAAA").kind, "inline");
    equal(picture("https://x.y/z.png").kind, "remote");
  },
  "a text that grows in any steps ends the same"() {
    const whole = JSON.stringify(bare(parse(everything)));
    for (let step = 1; step < 60; step += 1) {
      const growing = new GrowingText();
      const blocks = [];
      for (let end = step; ; end += step) {
        const { restarted, finished } = growing.update(everything.slice(0, end));
        check(!restarted, `restarted at ${end}`);
        blocks.push(...finished);
        if (end >= everything.length) break;
      }
      blocks.push(...growing.end());
      equal(JSON.stringify(bare(blocks)), whole);
    }
  },
  "a drawing that grew is the drawing of the whole"() {
    const whole = new MarkdownView();
    whole.update(everything, true);
    for (const step of [1, 2, 3, 7, 19]) {
      const view = new MarkdownView();
      for (let end = step; end < everything.length; end += step) view.update(everything.slice(0, end), false);
      view.update(everything, true);
      equal(view.element.outerHTML, whole.element.outerHTML);
    }
  },
  "a text that is replaced is drawn anew"() {
    const view = new MarkdownView();
    view.update("# One\n\ntwo\n\nthree", false);
    view.update("four", false);
    equal(view.element.textContent, "four");
    view.update("five", true);
    view.update("five and six", true);
    equal(view.element.textContent, "five and six");
  },
  "finished blocks are never drawn again"() {
    const view = new MarkdownView();
    view.update("one\n\ntwo\n\nthree\n\nfour", false);
    const first = view.element.firstChild;
    view.update("one\n\ntwo\n\nthree\n\nfour and more\n\n- list", false);
    check(view.element.firstChild === first);
  },
  "a long answer takes time in proportion to its length"() {
    // Counts the characters handed to the parser instead of looking at a clock.
    const paragraph = "Some words that make a paragraph of usual length, with **marks** in it.\n\n";
    const drawn = (count) => {
      const view = new MarkdownView();
      let changes = 0;
      const append = view.element.append.bind(view.element);
      view.element.append = (...nodes) => { changes += nodes.length; append(...nodes); };
      let text = "";
      for (let at = 0; at < count; at += 1) {
        text += paragraph;
        view.update(text, false);
      }
      return changes;
    };
    const [short, long] = [drawn(50), drawn(500)];
    check(long <= short * 11, `${short} nodes for 50 paragraphs, ${long} for 500`);
  },
  "code is coloured when it is whole, and stays what it was"() {
    const code = 'let a = "b" // c\nprint(42, Int.self)';
    const view = new MarkdownView();
    view.update(`\`\`\`swift\n${code.slice(0, 9)}`, false);
    view.update(`\`\`\`swift\n${code}`, false);
    equal(view.element.querySelectorAll("code span").length, 0);
    view.update(`\`\`\`swift\n${code}\n\`\`\`\nafter\n`, false);
    equal(view.element.querySelector("code").textContent, code);
    const kinds = [...view.element.querySelectorAll("code span")].map((node) => [node.className.slice(5), node.textContent]);
    equal(kinds, [["keyword", "let"], ["string", '"b"'], ["comment", "// c"], ["call", "print"], ["number", "42"], ["type", "Int"], ["keyword", "self"]]);
  },
  "colouring never changes code"() {
    for (const language of ["swift", "js", "python", "ruby", "bash", "sql", "json", "html"]) {
      const code = everything + "\"\"\"open /* open ' ` <!-- \\";
      equal(highlight(code, language).map((piece) => piece.text).join(""), code);
    }
    equal(highlight("x", "brainf"), null);
  },
  "hostile nesting is flattened"() {
    for (const text of [">".repeat(5000), "- ".repeat(5000), "*a ".repeat(3000) + "b* ".repeat(3000), "[".repeat(5000), "**".repeat(5001), "[a](".repeat(3000)]) {
      const view = new MarkdownView();
      view.update(text, false);
      view.update(text, true);
      let depth = 0;
      for (let node = view.element; node; node = node.lastElementChild) depth += 1;
      check(depth < 200, `${depth} deep`);
    }
  },
};
