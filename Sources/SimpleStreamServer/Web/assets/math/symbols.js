// The names of TeX that stand for a character, and how each of them behaves in a formula.

const pairs = (text) => text.trim().split(/\s+/).map((pair) => {
  const at = pair.indexOf("=");
  return [pair.slice(0, at), pair.slice(at + 1)];
});

/** Letters: written upright or slanted as variables are. */
export const letters = new Map(pairs(`
  alpha=α beta=β gamma=γ delta=δ epsilon=ϵ varepsilon=ε zeta=ζ eta=η theta=θ vartheta=ϑ iota=ι kappa=κ lambda=λ mu=μ nu=ν xi=ξ
  omicron=ο pi=π varpi=ϖ rho=ρ varrho=ϱ sigma=σ varsigma=ς tau=τ upsilon=υ phi=ϕ varphi=φ chi=χ psi=ψ omega=ω
  Gamma=Γ Delta=Δ Theta=Θ Lambda=Λ Xi=Ξ Pi=Π Sigma=Σ Upsilon=Υ Phi=Φ Psi=Ψ Omega=Ω
  hbar=ℏ ell=ℓ imath=ı jmath=ȷ Re=ℜ Im=ℑ wp=℘ aleph=ℵ beth=ℶ infty=∞ partial=∂ nabla=∇ emptyset=∅ varnothing=∅ bot=⊥ top=⊤ angle=∠
  triangle=△ square=□ Box=□ degree=° prime=′ dagger=† ddagger=‡ ldots=… dots=… dotsc=… cdots=⋯ dotsb=⋯ vdots=⋮ ddots=⋱ checkmark=✓ S=§
`));

/** Operators and relations. */
export const operators = new Map(pairs(`
  times=× div=÷ cdot=⋅ pm=± mp=∓ ast=∗ star=⋆ circ=∘ bullet=∙ oplus=⊕ ominus=⊖ otimes=⊗ odot=⊙ wedge=∧ land=∧ vee=∨ lor=∨ cap=∩ cup=∪
  setminus=∖ neg=¬ lnot=¬ forall=∀ exists=∃ nexists=∄ le=≤ leq=≤ leqslant=⩽ ge=≥ geq=≥ geqslant=⩾ ne=≠ neq=≠ ll=≪ gg=≫ equiv=≡ approx=≈ sim=∼ simeq=≃
  cong=≅ propto=∝ prec=≺ succ=≻ preceq=⪯ succeq=⪰ subset=⊂ supset=⊃ subseteq=⊆ supseteq=⊇ nsubseteq=⊈ subsetneq=⊊ in=∈ ni=∋ notin=∉ mid=∣ nmid=∤ parallel=∥ perp=⊥
  vdash=⊢ models=⊨ to=→ rightarrow=→ leftarrow=← gets=← leftrightarrow=↔ Rightarrow=⇒ Leftarrow=⇐ Leftrightarrow=⇔ iff=⟺ implies=⟹ impliedby=⟸
  mapsto=↦ longrightarrow=⟶ longleftarrow=⟵ longmapsto=⟼ hookrightarrow=↪ uparrow=↑ downarrow=↓ updownarrow=↕ nearrow=↗ searrow=↘ rightleftharpoons=⇌
  colon=: therefore=∴ because=∵ doteq=≐ asymp=≍ bowtie=⋈ triangleq=≜ coloneqq=≔ lbrace={ rbrace=} backslash=∖ vert=| Vert=‖
`));

/** Operators that grow and carry limits. */
export const large = new Map(pairs(`
  sum=∑ prod=∏ coprod=∐ bigcup=⋃ bigcap=⋂ bigvee=⋁ bigwedge=⋀ bigoplus=⨁ bigotimes=⨂ bigsqcup=⨆ int=∫ iint=∬ iiint=∭ oint=∮
`));
export const integrals = new Set(["∫", "∬", "∭", "∮"]);

/** Functions, and those among them whose index stands below. */
export const functions = new Set(("sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh coth exp log ln lg det dim ker deg arg gcd hom Pr max min sup inf lim "
  + "limsup liminf argmax argmin").split(" "));
export const limits = new Set("max min sup inf lim limsup liminf det gcd Pr argmax argmin".split(" "));

/** What stands over or under a letter: the character, and whether it stretches. */
export const accents = new Map([
  ["hat", ["^", false]], ["widehat", ["^", true]], ["bar", ["¯", false]], ["overline", ["¯", true]], ["vec", ["→", false]], ["dot", ["˙", false]],
  ["ddot", ["¨", false]], ["tilde", ["~", false]], ["widetilde", ["~", true]], ["overrightarrow", ["→", true]], ["overleftarrow", ["←", true]],
  ["check", ["ˇ", false]], ["breve", ["˘", false]], ["acute", ["´", false]], ["grave", ["`", false]], ["overbrace", ["⏞", true]],
]);
export const underAccents = new Map([["underline", "_"], ["underbrace", "⏟"]]);

/** Fences by the names that may follow \left, \right and \big. */
export const fences = new Map([
  ["(", "("], [")", ")"], ["[", "["], ["]", "]"], ["|", "|"], ["/", "/"], [".", ""], ["\\{", "{"], ["\\}", "}"], ["\\|", "‖"], ["\\langle", "⟨"], ["\\rangle", "⟩"],
  ["\\lfloor", "⌊"], ["\\rfloor", "⌋"], ["\\lceil", "⌈"], ["\\rceil", "⌉"], ["\\lbrace", "{"], ["\\rbrace", "}"], ["\\vert", "|"], ["\\Vert", "‖"],
  ["\\lvert", "|"], ["\\rvert", "|"], ["\\lVert", "‖"], ["\\rVert", "‖"], ["<", "⟨"], [">", "⟩"], ["\\lbrack", "["], ["\\rbrack", "]"],
]);

/** Spaces in em. */
export const spaces = new Map([
  [",", .167], [":", .222], [">", .222], [";", .278], ["!", -.167], [" ", .25], ["quad", 1], ["qquad", 2], ["thinspace", .167], ["medspace", .222], ["thickspace", .278],
  ["enspace", .5], ["space", .25],
]);

/** Alphabets: how a letter is written in each. */
export const alphabets = {
  mathbb: alphabet("𝔸", "𝕒", "𝟘", { C: "ℂ", H: "ℍ", N: "ℕ", P: "ℙ", Q: "ℚ", R: "ℝ", Z: "ℤ" }),
  mathcal: alphabet("𝒜", "𝒶", null, { B: "ℬ", E: "ℰ", F: "ℱ", H: "ℋ", I: "ℐ", L: "ℒ", M: "ℳ", R: "ℛ", e: "ℯ", g: "ℊ", o: "ℴ" }),
  mathfrak: alphabet("𝔄", "𝔞", null, { C: "ℭ", H: "ℌ", I: "ℑ", R: "ℜ", Z: "ℨ" }),
  mathbf: alphabet("𝐀", "𝐚", "𝟎"),
  mathsf: alphabet("𝖠", "𝖺", "𝟢"),
  mathtt: alphabet("𝙰", "𝚊", "𝟶"),
  boldsymbol: alphabet("𝑨", "𝒂", "𝟎"),
};
alphabets.mathscr = alphabets.mathcal;
alphabets.bm = alphabets.boldsymbol;

function alphabet(upper, lower, digit, exceptions = {}) {
  return (character) => {
    if (exceptions[character]) return exceptions[character];
    if (/[A-Z]/.test(character)) return shift(upper, character, "A");
    if (/[a-z]/.test(character)) return shift(lower, character, "a");
    return digit && /[0-9]/.test(character) ? shift(digit, character, "0") : character;
  };
}

function shift(start, character, from) {
  return String.fromCodePoint(start.codePointAt(0) + character.charCodeAt(0) - from.charCodeAt(0));
}
