import { account } from "../../account.js";
import { MarkdownView } from "../../markdown/render.js";
import { providerName } from "../../models.js";
import { citationList } from "../details.js";
import { el } from "../dom.js";
import { card } from "./card.js";

/** What somebody shared, to be read. */
export async function sharedPage(token) {
  let shared;
  try {
    shared = await account.shared(token);
  } catch (error) {
    return card("Not here", el("p", { class: "lead", text: error.code === "not_found" ? "This conversation is not shared, or not any more." : error.message }));
  }
  document.title = `${shared.title} \u00b7 Simple Stream`;
  const day = new Date(shared.sharedAt).toLocaleDateString(undefined, { dateStyle: "long" });
  return el(
    "main", { class: "main shared-page" },
    el("div", { class: "feed", tabindex: "0", "aria-label": "Shared conversation" },
      el("header", { class: "shared-head" }, el("h1", { dir: "auto", text: shared.title }), el("p", { text: `A copy from ${day}. Answers are by language models and can be wrong.` })),
      el("div", { class: "messages" }, ...shared.messages.map(message))),
  );
}

function message({ role, content, provider, model, citations }) {
  if (role === "user") return el("article", { class: "message prompt", "aria-label": "Question" }, el("div", { class: "bubble", dir: "auto", text: content }));
  const text = new MarkdownView();
  text.update(content, true);
  return el(
    "article", { class: "message answer", "aria-label": `Answer by ${model ?? "the model"}` },
    el("div", { class: "answer-name" }, el("span", { class: "mark", "aria-hidden": "true" }), el("span", { class: "model", text: model ?? "Answer" }),
      el("small", { text: provider ? providerName(provider) : "" })),
    text.element, citationList(citations),
  );
}
