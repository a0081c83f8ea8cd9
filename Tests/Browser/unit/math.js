import { formula } from "/assets/math/view.js";
import { parseTeX } from "/assets/math/tex.js";
import { check, equal } from "/unit-tests/assert.js";

/** The tree in short: `mfrac(a,b)`. */
function short(item) {
  if (item.text !== undefined) return item.text;
  return `${item.tag}(${item.children.map(short).join(",")})`;
}

const draw = (source, display = false) => {
  const tree = parseTeX(source, { display });
  return tree ? short(tree) : null;
};

export const tests = {
  "fractions, scripts and roots"() {
    equal(draw("\\frac{a}{b}"), "mfrac(a,b)");
    equal(draw("x^2"), "msup(x,2)");
    equal(draw("x_i^{n+1}"), "msubsup(x,i,mrow(n,+,1))");
    equal(draw("x^{y}_{z}"), "msubsup(x,z,y)");
    equal(draw("\\sqrt{2}"), "msqrt(2)");
    equal(draw("\\sqrt[3]{x}"), "mroot(x,3)");
    equal(draw("f'(x)"), "mrow(msup(f,\u2032),(,x,))");
    equal(draw("e^{-x^2}"), "msup(e,mrow(\u2212,msup(x,2)))");
  },
  "digits after a command are taken one by one"() {
    equal(draw("\\frac12"), "mfrac(1,2)");
    equal(draw("x^23"), "mrow(msup(x,2),3)");
    equal(draw("3.14"), "3.14");
  },
  "greek, operators and functions"() {
    equal(draw("\\alpha\\leq\\Omega"), "mrow(\u03b1,\u2264,\u03a9)");
    equal(draw("\\sin\\theta"), "mrow(sin,\u03b8)");
    equal(draw("a\\times b\\to\\infty"), "mrow(a,\u00d7,b,\u2192,\u221e)");
    equal(draw("\\mathbb{R}"), "\u211d");
    equal(draw("\\not="), "\u2260");
  },
  "sums stack in a block and not in a line"() {
    equal(draw("\\sum_{i=1}^n i", true), "mrow(munderover(\u2211,mrow(i,=,1),n),i)");
    equal(draw("\\sum_{i=1}^n i"), "mrow(msubsup(\u2211,mrow(i,=,1),n),i)");
    equal(draw("\\int_0^1", true), "msubsup(\u222b,0,1)");
    equal(draw("\\lim_{x\\to 0}", true), "munder(lim,mrow(x,\u2192,0))");
  },
  "matrices, cases and aligned lines"() {
    equal(draw("\\begin{pmatrix}a&b\\\\c&d\\end{pmatrix}"), "mrow((,mtable(mtr(mtd(a),mtd(b)),mtr(mtd(c),mtd(d))),))");
    equal(draw("\\begin{cases}1&x>0\\\\0&\\text{else}\\end{cases}"), "mrow({,mtable(mtr(mtd(1),mtd(mrow(x,>,0))),mtr(mtd(0),mtd(else))),)");
    equal(draw("\\begin{align*}a&=b\\\\&=c\\end{align*}"), "mtable(mtr(mtd(a),mtd(mrow(=,b))),mtr(mtd(mrow()),mtd(mrow(=,c))))");
    equal(draw("\\begin{array}{cc}a&b\\end{array}"), "mtable(mtr(mtd(a),mtd(b)))");
    equal(draw("a\\\\b"), "mtable(mtr(mtd(a)),mtr(mtd(b)))");
  },
  "fences and text"() {
    equal(draw("\\left(\\frac{a}{b}\\right)"), "mrow((,mfrac(a,b),))");
    equal(draw("\\left.x\\right|_0"), "msub(mrow(,x,|),0)");
    equal(draw("\\text{if } x"), "mrow(if\u00a0,x)");
    equal(draw("\\operatorname{rank} A"), "mrow(rank,A)");
  },
  "what is not understood is refused as a whole"() {
    for (const bad of ["\\frac{a}", "{a", "a}", "\\left( a", "\\nosuchcommand x", "\\begin{tikzpicture}\\end{tikzpicture}", "\\begin{matrix}a", "\\end{matrix}", "^", "\\href{javascript:x}{y}", "\\sqrt[3", "\\text{a", "a&b\u0000"]) {
      const tree = parseTeX(bad);
      check(tree === null || bad === "^", `${bad} gave ${tree && short(tree)}`);
    }
  },
  "hostile formulas end, and quickly"() {
    const start = performance.now();
    for (const bad of ["{".repeat(3999), "\\sqrt".repeat(799), "x^".repeat(1999), "\\left(".repeat(600), "\\begin{matrix}".repeat(280), "\\text{".repeat(600), "&".repeat(3999), "_".repeat(3999), "\\frac".repeat(700), "x".repeat(100_000)]) {
      parseTeX(bad);
      formula(bad, { display: true });
    }
    check(performance.now() - start < 4000);
  },
  "formulas are MathML nodes, others their source"() {
    const drawn = formula("\\frac{x}{2}", { display: true });
    const math = drawn.querySelector("math");
    equal(math.namespaceURI, "http://www.w3.org/1998/Math/MathML");
    equal(math.getAttribute("display"), "block");
    equal(math.querySelectorAll("mfrac").length, 1);
    equal(math.querySelector("annotation").textContent, "\\frac{x}{2}");
    const source = formula("\\nosuch<img src=x onerror=alert(1)>");
    equal(source.querySelector("code").textContent, "\\nosuch<img src=x onerror=alert(1)>");
    equal(source.querySelectorAll("math, img").length, 0);
    const odd = formula("\\text{<script>alert(1)</script>}");
    equal(odd.querySelectorAll("script").length, 0);
  },
};
