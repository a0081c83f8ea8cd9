// Draws formulas as MathML nodes. The tree knows only the tags and attributes below; nothing is parsed as markup.

import { parseTeX } from "./tex.js";

const namespace = "http://www.w3.org/1998/Math/MathML";
const tags = new Set("mrow mi mn mo mtext mspace mfrac msqrt mroot msub msup msubsup munder mover munderover mtable mtr mtd mstyle menclose mphantom".split(" "));
const attributes = new Set("mathvariant stretchy fence form largeop symmetric minsize maxsize lspace rspace width linethickness accent accentunder displaystyle class notation".split(" "));

let isProbed = false;

/** Looks once whether there is a font made for formulas. */
function probe() {
  isProbed = true;
  const index = node("msub", node("mi", "a"), node("mn", "1"));
  const holder = document.createElement("span");
  holder.className = "math math-probe";
  holder.append(node("math", index));
  document.body.append(holder);
  const [base, below] = [...index.children].map((child) => child.getBoundingClientRect().bottom);
  holder.remove();
  document.documentElement.classList.toggle("plain-math", below - base < 4);
}

function node(tag, ...children) {
  const element = document.createElementNS(namespace, tag);
  element.append(...children);
  return element;
}

/** A formula; its source as code where it is not understood. */
export function formula(source, { display = false } = {}) {
  if (!isProbed) probe();
  const tree = parseTeX(source, { display });
  const holder = document.createElement(display ? "div" : "span");
  holder.dir = "ltr";
  holder.className = display ? "math math-block" : "math";
  if (!tree) {
    holder.classList.add("math-source");
    const code = document.createElement("code");
    code.textContent = source;
    holder.append(code);
    return holder;
  }
  const annotation = node("annotation", source);
  annotation.setAttribute("encoding", "application/x-tex");
  const math = node("math", node("semantics", drawn(tree), annotation));
  if (display) math.setAttribute("display", "block");
  holder.append(math);
  holder.title = source.length <= 300 ? source : "";
  return holder;
}

function drawn(item) {
  const element = document.createElementNS(namespace, tags.has(item.tag) ? item.tag : "mrow");
  for (const [name, value] of Object.entries(item.attributes)) {
    if (value !== null && value !== undefined && attributes.has(name)) element.setAttribute(name, value);
  }
  if (item.text !== undefined) element.textContent = item.text;
  else element.append(...item.children.map(drawn));
  return element;
}
