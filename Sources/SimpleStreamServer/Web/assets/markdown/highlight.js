// Colours for code: comments, strings, numbers, keywords, types and calls, told apart by their look.
//
// One pass with one expression per family of languages; no grammar, so a wrong guess costs a colour and nothing else.

const longest = 60_000;

const words = (text) => new Set(text.split(" "));

const brace = words("abstract actor any as async await bool boolean break byte case catch char class const constexpr continue crate declare default defer "
  + "delete do double dyn else enum export extends extension extern fallthrough false final finally float fn for foreach from fun func function get "
  + "go goto guard if impl implements import in indirect init inout instanceof int interface internal is lazy let long loop match mod module move mut "
  + "mutating namespace new nil nonisolated null nullptr object of open operator override package private protected protocol pub public range ref repeat rethrows "
  + "return sealed self Self sending set short signed sizeof some static struct super switch template this throw throws trait true try type typealias typedef typeof "
  + "undefined union unsafe unsigned use using val var virtual void volatile when where while with yield");
const python = words("False None True and as assert async await break case class continue def del elif else except finally for from global if import in is "
  + "lambda match nonlocal not or pass raise return self try while with yield");
const ruby = words("BEGIN END alias and begin break case class def do else elsif end ensure false for if in local module next nil not or require "
  + "redo repeat rescue retry return self super then true undef unless until when while yield function");
const shell = words("if then else elif fi for while until do done case esac in function return exit export local readonly set unset source echo cd sudo "
  + "apt brew curl git swift npm pip python3 docker");
const sql = words("select from where insert into values update set delete create table index view drop alter add primary key foreign references not null "
  + "unique default and or in is like between join left right inner outer full on group by order having limit offset distinct as union all case when then "
  + "else end begin commit rollback with returning conflict do nothing exists count sum avg min max asc desc integer text real blob timestamp boolean");
const data = words("true false null yes no");

const double = String.raw`"(?:\\[^]|[^"\\\n])*"?`;
const single = String.raw`'(?:\\[^]|[^'\\\n])*'?`;
const number = String.raw`\b(?:0[xXbBoO][\da-fA-F_]+|\d[\d_]*(?:\.\d[\d_]*)?(?:[eE][+-]?\d+)?)\b`;
const name = String.raw`[A-Za-z_$@][\w$]*`;

function family({ comments, strings, keywords, ignoreCase = false, types = true }) {
  return { pattern: new RegExp(`(${comments})|(${strings})|(${number})|(${name})`, "g"), keywords, ignoreCase, types };
}

const slashes = String.raw`\/\/[^\n]*|\/\*[^]*?(?:\*\/|$)`;
const hash = String.raw`#[^\n]*`;
const families = {
  brace: family({ comments: slashes, strings: String.raw`"""[^]*?(?:"""|$)|` + `${double}|${single}`, keywords: brace }),
  script: family({ comments: slashes, strings: "`(?:\\\\[^]|[^`\\\\])*`?|" + `${double}|${single}`, keywords: brace }),
  python: family({ comments: hash, strings: String.raw`"""[^]*?(?:"""|$)|'''[^]*?(?:'''|$)|` + `${double}|${single}`, keywords: python }),
  ruby: family({ comments: String.raw`#[^\n]*|--[^\n]*`, strings: `${double}|${single}`, keywords: ruby }),
  shell: family({ comments: hash, strings: `${double}|'[^']*'?`, keywords: shell, types: false }),
  sql: family({ comments: String.raw`--[^\n]*|\/\*[^]*?(?:\*\/|$)`, strings: `'(?:''|[^'])*'?|${double}`, keywords: sql, ignoreCase: true, types: false }),
  data: family({ comments: hash, strings: `${double}|${single}`, keywords: data, types: false }),
  markup: family({ comments: String.raw`<!--[^]*?(?:-->|$)`, strings: `${double}|${single}`, keywords: words(""), types: false }),
};

const languages = {
  brace: "swift c h cpp c++ cc objc objective-c java kotlin kt rust rs go golang csharp cs c# dart scala php zig css scss",
  script: "js javascript jsx ts typescript tsx mjs",
  python: "py python python3 starlark",
  ruby: "rb ruby lua elixir",
  shell: "sh bash zsh shell console fish dockerfile makefile make",
  sql: "sql sqlite postgres postgresql mysql",
  data: "json jsonc yaml yml toml ini env",
  markup: "html xml svg vue",
};
const byLanguage = new Map(Object.entries(languages).flatMap(([key, names]) => names.split(" ").map((language) => [language, families[key]])));

/** Pieces of code as `{kind, text}`, kind null for plain text; null when the language is not known. */
export function highlight(code, language) {
  const chosen = byLanguage.get(language.toLowerCase());
  if (!chosen || code.length > longest) return null;
  const pieces = [];
  let plainFrom = 0;
  for (const match of code.matchAll(chosen.pattern)) {
    const kind = kindOf(match, chosen, code);
    if (!kind) continue;
    if (match.index > plainFrom) pieces.push({ kind: null, text: code.slice(plainFrom, match.index) });
    pieces.push({ kind, text: match[0] });
    plainFrom = match.index + match[0].length;
  }
  if (plainFrom < code.length) pieces.push({ kind: null, text: code.slice(plainFrom) });
  return pieces;
}

function kindOf(match, { keywords, ignoreCase, types }, code) {
  const [, comment, string, digits, word] = match;
  const after = code[match.index + match[0].length];
  if (comment !== undefined) return "comment";
  if (string !== undefined) return types || after !== ":" ? "string" : "key";
  if (digits !== undefined) return "number";
  if (keywords.has(ignoreCase ? word.toLowerCase() : word)) return "keyword";
  const before = code[match.index - 1];
  if (keywords.size === 0 && (before === "<" || before === "/")) return "keyword";
  if (after === "(") return "call";
  return types && /^[A-Z]/.test(word) ? "type" : null;
}
