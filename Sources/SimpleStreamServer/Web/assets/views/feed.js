// The messages of the open conversation, and the scrolling that follows them.

import { shown } from "../chat.js";
import { el, iconButton, scheduled } from "./dom.js";
import { icon } from "./icons.js";
import { AnswerView, PromptView } from "./message.js";

const nearEnd = 60;

export class FeedView {
  #chat;
  #actions;
  #views = new Map();
  #dirty = new Set();
  #pinned = true;
  #top = 0;
  #draw = scheduled(() => this.#drawDirty());

  constructor({ chat, actions, empty }) {
    this.#chat = chat;
    this.#actions = actions;
    this.empty = empty;
    this.list = el("div", { class: "messages" });
    this.loading = el("div", { class: "loading", hidden: true, role: "status", "aria-label": "Loading the conversation" },
      el("span"), el("span"), el("span"), el("span"));
    this.failure = el("div", { class: "failure", hidden: true });
    this.scroller = el(
      "div", { class: "feed", tabindex: "-1", role: "region", "aria-label": "Conversation" },
      empty, this.loading, this.failure, this.list,
    );
    this.toEnd = iconButton(icon("arrowDown"), "Go to the newest text", () => this.scrollToEnd(true), { class: "to-end", hidden: true });
    this.element = el("div", { class: "feed-frame" }, this.scroller, this.toEnd);
    this.scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    new ResizeObserver(() => this.#follow()).observe(this.list);
    new ResizeObserver(() => this.#follow()).observe(this.scroller);
  }

  /** Draws the whole branch; views of messages that stay are kept. */
  update() {
    const path = this.#chat.path;
    const canAsk = this.#chat.active === null && this.#actions.canAsk();
    this.loading.hidden = !this.#chat.loading;
    this.empty.hidden = this.#chat.loading || path.length > 0 || this.#chat.id !== null;
    if (path.length > 0) this.failure.hidden = true;
    const kept = new Map();
    let before = null;
    for (const message of path) {
      const key = message.key ?? message.id;
      const view = this.#views.get(key) ?? (message.role === "user" ? new PromptView(this.#actions) : new AnswerView(this.#actions));
      kept.set(key, view);
      const position = before ? before.nextSibling : this.list.firstChild;
      if (view.element !== position) this.list.insertBefore(view.element, position);
      view.update(this.#shown(message), this.#chat.tree.siblings(message.id), canAsk);
      before = view.element;
    }
    for (const [key, view] of this.#views) if (!kept.has(key)) view.element.remove();
    this.#views = kept;
    this.#follow();
  }

  /** One message grew; it is drawn with the next frame. */
  grew(id) {
    this.#dirty.add(id);
    this.#draw();
  }

  fail(error) {
    const missing = error.code === "not_found";
    this.loading.hidden = true;
    this.empty.hidden = true;
    this.failure.hidden = false;
    this.failure.replaceChildren(
      el("h2", { text: missing ? "This conversation is not here" : "The conversation could not be read" }),
      el("p", { text: missing ? "It was deleted, or it belongs to someone else." : error.message }),
      missing ? "" : el("button", { type: "button", class: "button", text: "Try again", on: { click: () => this.#actions.reopen() } }),
    );
  }

  clear() {
    this.failure.hidden = true;
    this.#pinned = true;
  }

  scrollToEnd(smooth = false) {
    this.#pinned = true;
    this.toEnd.hidden = true;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (smooth && !still) this.scroller.scrollTo({ top: this.scroller.scrollHeight, behavior: "smooth" });
    else this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  #shown(message) {
    return shown(message, this.#chat.runs.get(message.id));
  }

  #drawDirty() {
    for (const id of this.#dirty) {
      const message = this.#chat.tree.get(id);
      const view = message && this.#views.get(message.key ?? message.id);
      view?.draw?.(this.#shown(message));
    }
    this.#dirty.clear();
    this.#follow();
  }

  /** Only a move upwards lets go of the end; growth of the text does not, and coming back takes hold again. */
  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    const distance = scrollHeight - clientHeight - scrollTop;
    if (scrollTop < this.#top - 1 && distance > 4) this.#pinned = false;
    else if (distance < nearEnd && scrollTop >= this.#top) this.#pinned = true;
    this.#top = scrollTop;
    this.toEnd.hidden = this.#pinned || distance < nearEnd;
  }

  #follow() {
    const { scroller } = this;
    if (this.#pinned) scroller.scrollTop = scroller.scrollHeight;
    else this.toEnd.hidden = scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop < nearEnd;
    this.#top = scroller.scrollTop;
  }
}
