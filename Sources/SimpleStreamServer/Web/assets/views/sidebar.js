import { age } from "../format.js";
import { shareDialog } from "./account/share.js";
import { confirmDialog } from "./dialog.js";
import { el, iconButton } from "./dom.js";
import { icon } from "./icons.js";

/** The conversations: searched, paged, renamed and deleted here. */
export class Sidebar {
  #api;
  #open;
  #notices;
  #items = [];
  #cursor = null;
  #loading = false;
  #generation = 0;
  #current = null;
  #timer = null;
  #menu = null;

  /** `open(id)` shows a conversation, null a new one. */
  constructor({ api, open, notices, themeButton, profileButton = null, accountMenu = null, onClose }) {
    this.#api = api;
    this.#open = open;
    this.#notices = notices;
    this.search = el("input", {
      type: "search", placeholder: "Search", "aria-label": "Search conversations", autocomplete: "off", on: { input: () => this.#searched() },
    });
    this.list = el("div", { class: "conversation-list" });
    this.end = el("div", { class: "list-end" });
    this.scroller = el("nav", { class: "conversations", "aria-label": "Conversations" }, this.list, this.end);
    this.foot = el("div", { class: "sidebar-foot" }, accountMenu, profileButton, themeButton);
    this.element = el(
      "aside", { class: "sidebar", id: "sidebar", "aria-label": "Conversations" },
      el("div", { class: "brand" }, el("a", { href: "/", class: "brand-name", on: { click: (event) => this.#follow(event, null) } },
        el("span", { class: "logo", "aria-hidden": "true" }), el("span", { text: "Simple Stream" })),
      iconButton(icon("panel"), "Hide conversations", onClose)),
      el("a", { href: "/", class: "new-chat", on: { click: (event) => this.#follow(event, null) } }, icon("plus"), el("span", { text: "New chat" })),
      el("label", { class: "search" }, icon("search"), this.search),
      this.scroller,
      this.foot,
    );
    new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) this.#more();
    }, { root: this.scroller, rootMargin: "200px" }).observe(this.end);
    document.addEventListener("pointerdown", (event) => {
      if (this.#menu && !this.#menu.contains(event.target)) this.#closeMenu();
    });
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.#menu) return;
      event.stopPropagation();
      this.#closeMenu();
    }, { capture: true });
  }

  /** Puts a button at the foot, before those that are there. */
  addTool(button) {
    const account = this.foot.querySelector(".account");
    if (account) account.after(button);
    else this.foot.prepend(button);
  }

  /** Reads the list again from its start. */
  async refresh() {
    const generation = ++this.#generation;
    this.#loading = true;
    try {
      const page = await this.#api.conversations({ q: this.search.value.trim() });
      if (generation !== this.#generation) return;
      this.#items = page.items ?? [];
      this.#cursor = page.nextCursor ?? null;
      this.#draw();
    } catch (error) {
      if (generation === this.#generation && this.#items.length === 0) this.list.replaceChildren(el("p", { class: "nothing", text: error.message }));
    } finally {
      if (generation === this.#generation) this.#loading = false;
    }
  }

  select(id) {
    this.#current = id;
    for (const node of this.list.querySelectorAll("[data-id]")) markCurrent(node, node.dataset.id === id);
  }

  retitle(id, title) {
    const item = this.#items.find((candidate) => candidate.id === id);
    if (!item || item.title === title) return;
    item.title = title;
    this.#draw();
  }

  removed(id) {
    this.#items = this.#items.filter((item) => item.id !== id);
    this.#draw();
  }

  /** A conversation was used: it goes to the top, or comes into the list. */
  touched(id, title) {
    if (this.search.value.trim() !== "") return;
    const at = this.#items.findIndex((item) => item.id === id);
    const item = at >= 0 ? this.#items.splice(at, 1)[0] : { id, title: title ?? "New chat" };
    if (title) item.title = title;
    item.updatedAt = new Date().toISOString();
    this.#items.unshift(item);
    this.#draw();
  }

  #searched() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.refresh(), 200);
  }

  async #more() {
    if (!this.#cursor || this.#loading) return;
    const generation = this.#generation;
    this.#loading = true;
    try {
      const page = await this.#api.conversations({ q: this.search.value.trim(), cursor: this.#cursor });
      if (generation !== this.#generation) return;
      const known = new Set(this.#items.map((item) => item.id));
      this.#items.push(...(page.items ?? []).filter((item) => !known.has(item.id)));
      this.#cursor = page.nextCursor ?? null;
      this.#draw();
    } catch {
      // The next scroll asks again.
    } finally {
      if (generation === this.#generation) this.#loading = false;
    }
  }

  #draw() {
    const nodes = [];
    let group = null;
    for (const item of this.#items) {
      const name = age(item.updatedAt ?? item.createdAt);
      if (name !== group) nodes.push(el("h2", { class: "group-name", text: name }));
      group = name;
      nodes.push(this.#row(item));
    }
    if (nodes.length === 0) {
      nodes.push(el("p", { class: "nothing", text: this.search.value.trim() ? "Nothing found" : "Your conversations will be listed here." }));
    }
    this.list.replaceChildren(...nodes);
  }

  #row(item) {
    const title = item.title || "Untitled";
    const link = el("a", { href: `/chat/${encodeURIComponent(item.id)}`, title, dir: "auto", on: { click: (event) => this.#follow(event, item.id) } }, title);
    const more = iconButton(icon("more"), `Options for ${title}`, (event) => {
      event.stopPropagation();
      this.#showMenu(row, item, more);
    }, { "aria-haspopup": "menu" });
    const row = el("div", { class: "conversation", data: { id: item.id } }, link, more);
    markCurrent(row, item.id === this.#current);
    return row;
  }

  #follow(event, id) {
    // With a modifier the browser opens a tab of its own.
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    this.#open(id);
  }

  #showMenu(row, item, button) {
    this.#closeMenu();
    const entry = (name, label, run, kind = "") => el("button", {
      type: "button", role: "menuitem", class: `menu-entry ${kind}`, on: { click: () => { this.#closeMenu(); run(); } },
    }, icon(name), el("span", { text: label }));
    this.#menu = el(
      "div", { class: "menu", role: "menu" },
      entry("edit", "Rename", () => this.#rename(row, item)),
      entry("link", item.shared ? "Shared\u2026" : "Share", () => shareDialog({ conversation: item, notices: this.#notices, onChange: () => {} })),
      entry("trash", "Delete", () => this.#delete(item), "danger"),
    );
    row.append(this.#menu);
    button.setAttribute("aria-expanded", "true");
    this.#menu.firstChild.focus();
    this.#menu.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
      event.preventDefault();
      const entries = [...this.#menu.children];
      const step = event.key === "ArrowDown" ? 1 : -1;
      entries.at((entries.indexOf(document.activeElement) + step) % entries.length).focus();
    });
  }

  #closeMenu() {
    const button = this.#menu?.parentElement?.querySelector(".icon-button");
    button?.removeAttribute("aria-expanded");
    if (this.#menu?.contains(document.activeElement)) button?.focus();
    this.#menu?.remove();
    this.#menu = null;
  }

  #rename(row, item) {
    const input = el("input", { class: "rename", "aria-label": "New title", maxlength: "200" });
    input.value = item.title ?? "";
    let done = false;
    const finish = async (keep) => {
      if (done) return;
      done = true;
      const title = input.value.trim();
      if (keep && title !== "" && title !== item.title) {
        const before = item.title;
        item.title = title;
        this.#api.rename(item.id, title).catch((error) => {
          item.title = before;
          this.#draw();
          this.#notices.show(`Not renamed: ${error.message}`);
        });
      }
      this.#draw();
    };
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.isComposing) finish(true);
      if (event.key === "Escape") {
        event.stopPropagation();
        finish(false);
      }
    });
    input.addEventListener("blur", () => finish(true));
    row.replaceChildren(input);
    input.focus();
    input.select();
  }

  async #delete(item) {
    const sure = await confirmDialog({
      title: "Delete this conversation?", text: `\u201c${item.title || "Untitled"}\u201d and all its messages will be gone for good.`, action: "Delete",
    });
    if (!sure) return;
    try {
      await this.#api.remove(item.id);
    } catch (error) {
      if (error.code !== "not_found") {
        this.#notices.show(`Not deleted: ${error.message}`);
        return;
      }
    }
    this.removed(item.id);
    if (this.#current === item.id) this.#open(null);
  }
}

function markCurrent(node, current) {
  node.classList.toggle("current", current);
  const link = node.querySelector("a");
  if (current) link?.setAttribute("aria-current", "page");
  else link?.removeAttribute("aria-current");
}
