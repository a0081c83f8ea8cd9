// One message of the conversation.

import { providerName } from "../models.js";
import { MarkdownView } from "../markdown/render.js";
import { attachmentList } from "./attachments.js";
import { copyButton } from "./copy-button.js";
import { citationList, pictures, ToolsView, usageLine } from "./details.js";
import { el, iconButton } from "./dom.js";
import { icon } from "./icons.js";
import { ThinkingView } from "./thinking.js";

/** `‹ 2 / 3 ›`, where a prompt or an answer has others beside it. */
function branchSwitch(message, siblings, actions) {
  if (siblings.length < 2) return null;
  const at = siblings.indexOf(message.id);
  const to = (step, label, name) => {
    const target = siblings[at + step];
    return iconButton(icon(name), label, () => actions.showSibling(target), { disabled: target === undefined });
  };
  return el(
    "span", { class: "branches", role: "group", "aria-label": "Versions" },
    to(-1, "Previous version", "left"), el("span", { text: `${at + 1} / ${siblings.length}` }), to(1, "Next version", "right"),
  );
}

export class PromptView {
  #actions;
  #message = null;
  #editing = false;
  #shownFiles = "";

  constructor(actions) {
    this.#actions = actions;
    this.text = el("div", { class: "bubble", dir: "auto" });
    this.files = el("div", { class: "files-slot" });
    this.bar = el("div", { class: "message-bar" });
    this.element = el("article", { class: "message prompt", "aria-label": "You" }, this.files, this.text, this.bar);
  }

  update(message, siblings, canAsk) {
    this.#message = message;
    if (this.text.textContent !== message.content && !this.#editing) this.text.textContent = message.content;
    if (!this.#editing) this.text.hidden = message.content === "" && message.attachments?.length > 0;
    this.#drawFiles(message.attachments ?? []);
    const edit = iconButton(icon("edit"), "Edit prompt", () => this.#edit(), { disabled: !canAsk });
    this.bar.replaceChildren(
      ...[branchSwitch(message, siblings, this.#actions), edit, copyButton("Copy prompt", () => this.#message.content)].filter(Boolean),
    );
  }

  #drawFiles(attachments) {
    const ids = attachments.map((attachment) => attachment.id).join();
    if (ids === this.#shownFiles) return;
    this.#shownFiles = ids;
    this.files.replaceChildren(...[attachmentList(attachments)].filter(Boolean));
  }

  #edit() {
    const area = el("textarea", { class: "edit-area", rows: "3", "aria-label": "Edit prompt" });
    area.value = this.#message.content;
    const close = () => {
      this.#editing = false;
      editor.replaceWith(this.text);
      this.bar.hidden = false;
      this.text.textContent = this.#message.content;
    };
    const save = () => {
      const prompt = area.value.trim();
      close();
      if (prompt !== "" || this.#message.attachments?.length > 0) this.#actions.edit(this.#message, prompt);
    };
    const editor = el(
      "div", { class: "editor" }, area,
      el(
        "div", { class: "buttons" },
        el("button", { type: "button", class: "button", text: "Cancel", on: { click: close } }),
        el("button", { type: "button", class: "button primary", text: "Ask again", on: { click: save } }),
      ),
    );
    area.addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        event.stopPropagation();
        close();
      } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        save();
      }
    });
    this.#editing = true;
    this.bar.hidden = true;
    this.text.replaceWith(editor);
    area.focus();
    area.setSelectionRange(area.value.length, area.value.length);
  }
}

export class AnswerView {
  #actions;
  #text = new MarkdownView();
  #thinking = new ThinkingView();
  #tools = new ToolsView();
  #message = null;

  constructor(actions) {
    this.#actions = actions;
    this.name = el("header", { class: "answer-name" });
    this.waiting = el("p", { class: "waiting", hidden: true }, el("span"), el("span"), el("span"));
    this.extra = el("div", { class: "extra" });
    this.problem = el("div", { class: "problem-slot" });
    this.bar = el("div", { class: "message-bar" });
    this.element = el(
      "article", { class: "message answer" },
      this.name, this.#thinking.element, this.#tools.element, this.#text.element, this.waiting, this.extra, this.problem, this.bar,
    );
  }

  /** Everything but the text, which changes seldom. */
  update(message, siblings, canAsk) {
    this.#message = message;
    const provider = message.provider ?? "";
    const model = this.#actions.nameOf(provider, message.model ?? "");
    this.element.setAttribute("aria-label", `Answer by ${model || "the model"}`);
    this.name.replaceChildren(
      el("span", { class: `mark mark-${provider.replace(/[^a-z0-9-]/g, "")}`, "aria-hidden": "true" }),
      el("span", { class: "model", text: model || "Answer" }), el("small", { text: provider ? providerName(provider) : "" }),
    );
    this.element.classList.toggle("streaming", message.status === "streaming");
    this.element.dataset.status = message.status;
    this.element.dataset.id = message.id;
    this.draw(message);
    this.extra.replaceChildren(...[pictures(message.images), citationList(message.citations)].filter(Boolean));
    this.problem.replaceChildren(...[this.#problem(message, canAsk)].filter(Boolean));
    this.#drawBar(message, siblings, canAsk);
  }

  /** The parts that grow while the answer is written. */
  draw(message) {
    this.#message = message;
    const streaming = message.status === "streaming";
    this.#thinking.update(message);
    this.#tools.update(message.tools);
    // What comes after the stop button was pressed is not shown: the server keeps what had been seen.
    if (!message.stopping) this.#text.update(message.content ?? "", !streaming);
    const silent = streaming && !message.content && !message.isThinking;
    this.waiting.hidden = !silent;
    this.waiting.setAttribute("aria-label", message.stopping ? "Stopping" : "Waiting for the answer");
    this.element.classList.toggle("writing", streaming && !silent && !message.isThinking && !message.stopping);
    if (streaming && message.images?.length > 0) this.extra.replaceChildren(...[pictures(message.images)].filter(Boolean));
  }

  #drawBar(message, siblings, canAsk) {
    if (message.status === "streaming") {
      this.bar.replaceChildren();
      return;
    }
    const stopped = message.status === "cancelled" ? el("span", { class: "stopped", text: "Stopped" }) : null;
    const cut = message.stopReason === "length" ? el("span", { class: "stopped", text: "Cut off at the length limit" }) : null;
    this.bar.replaceChildren(...[
      branchSwitch(message, siblings, this.#actions),
      message.content ? copyButton("Copy answer", () => this.#message.content) : null,
      iconButton(icon("retry"), "Answer again", () => this.#actions.regenerate(this.#message), { disabled: !canAsk }),
      stopped, cut, usageLine(message),
    ].filter(Boolean));
  }

  #problem(message, canAsk) {
    const { title, text, code } = problemOf(message) ?? {};
    if (!title) return null;
    const retry = el(
      "button", { type: "button", class: "button", disabled: !canAsk, on: { click: () => this.#actions.regenerate(this.#message) } },
      icon("retry"), el("span", { text: "Try again" }),
    );
    if (canAsk) waitBeforeRetry(retry, message.error?.retryAfterMs);
    return el(
      "div", { class: "problem", role: "alert" }, icon("warning"),
      el("div", {}, el("strong", { text: title }), text ? el("p", { text }) : null, code ? el("code", { text: code }) : null),
      retry,
    );
  }
}

const titles = {
  no_provider_key: "No key for this provider",
  provider_auth: "The provider refused the key",
  provider_permission: "The key may not use this model",
  provider_model_not_found: "The provider does not know this model",
  provider_rate_limited: "Too many requests at the provider",
  provider_quota_exhausted: "The provider's quota is used up",
  provider_overloaded: "The provider is overloaded",
  provider_unavailable: "The provider cannot be reached",
  provider_stalled: "The provider fell silent",
  context_length_exceeded: "The conversation is too long for this model",
  content_filtered: "The provider's filter stopped the answer",
  conversation_busy: "An answer is still being written here",
  quota_exceeded: "Today's free messages are used up",
  rate_limited: "Too many requests",
  payload_too_large: "The message is too large",
  storage_unavailable: "The server cannot save at the moment",
};

function problemOf(message) {
  if (message.status === "interrupted") {
    return { title: "The answer was interrupted", text: "What was written until then is kept.", code: null };
  }
  if (message.stopReason === "refusal" || message.stopReason === "content_filter") {
    return { title: "The model declined to go on", text: "", code: message.stopReason };
  }
  if (message.status !== "failed") return null;
  const { code, message: text } = message.error ?? {};
  return { title: titles[code] ?? "That did not work", text: text ?? "", code: code ?? null };
}

/** Keeps the button shut as long as the provider asked for, and says how long. */
function waitBeforeRetry(button, milliseconds) {
  if (!Number.isFinite(milliseconds) || milliseconds <= 0) return;
  const end = performance.now() + milliseconds;
  const label = button.lastChild;
  button.disabled = true;
  const count = () => {
    const left = Math.ceil((end - performance.now()) / 1000);
    label.textContent = left > 0 ? `Try again in ${left} s` : "Try again";
    if (left > 0) return;
    button.disabled = false;
    clearInterval(timer);
  };
  const timer = setInterval(count, 250);
  count();
}
