// Puts the page together.

import { api } from "./api.js";
import { begin } from "./begin.js";
import { Chat } from "./chat.js";
import { firstChoice, remember } from "./models.js";
import { abilities, Preferences } from "./preferences.js";
import { Socket } from "./socket.js";
import { storage } from "./storage.js";
import { UnsentRequests } from "./unsent.js";
import { accountMenu } from "./views/account/menu.js";
import { signInDialog } from "./views/account/sign-in.js";
import { AnswersPage } from "./views/answers-page.js";
import { AttachmentTray } from "./views/attachments.js";
import { Composer } from "./views/composer.js";
import { el, iconButton } from "./views/dom.js";
import { emptyState } from "./views/empty-state.js";
import { FeedView } from "./views/feed.js";
import { icon } from "./views/icons.js";
import { KeysPage } from "./views/keys-page.js";
import { ModelPicker } from "./views/model-picker.js";
import { ModelsPage } from "./views/models-page.js";
import { Notices } from "./views/notice.js";
import { profileDialog } from "./views/profile-dialog.js";
import { SettingsView } from "./views/settings.js";
import { Sidebar } from "./views/sidebar.js";
import { themeButton } from "./views/theme-button.js";

const narrow = matchMedia("(max-width: 820px)");

class App {
  /** `session` is who uses the page. */
  constructor(session) {
    this.model = null;
    this.models = [];
    this.profile = {};
    this.notices = new Notices();
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    this.socket = new Socket({ url: `${scheme}//${location.host}/ws` });
    this.preferences = new Preferences({ api });
    this.chat = new Chat({ api, socket: this.socket, unsent: new UnsentRequests(), options: (model) => this.preferences.request(model) });
    this.sidebar = new Sidebar({
      api, notices: this.notices, themeButton: themeButton(), profileButton: iconButton(icon("user"), "About you", () => this.editProfile()),
      accountMenu: accountMenu({ session, notices: this.notices }), open: (id) => this.go(id), onClose: () => this.showSidebar(false),
    });
    this.picker = new ModelPicker({ onChoose: (model) => this.choose(model) });
    this.tray = new AttachmentTray({ api, notices: this.notices, onChange: () => this.composer?.trayChanged() });
    this.web = iconButton(icon("globe"), "Search the web", () => this.toggleWeb(), { class: "icon-button toggle", "aria-pressed": "false", hidden: true });
    this.composer = new Composer({
      modelButton: this.picker.element, tray: this.tray, tools: [this.web],
      onSend: (prompt, takeFiles) => this.ask(prompt, takeFiles), onStop: () => this.stop(),
    });
    this.makeSettings();
    this.empty = emptyState({ onSuggestion: (text) => this.composer.setText(text), onKeys: () => this.settings.open("keys") });
    this.feed = new FeedView({ chat: this.chat, actions: this.actions(), empty: this.empty.element });
    this.title = el("h1", { class: "title", dir: "auto" });
    document.body.append(this.layout());
  }

  makeSettings() {
    this.keysPage = new KeysPage({ api, notices: this.notices, onChange: () => this.loadModels() });
    this.answersPage = new AnswersPage({ preferences: this.preferences, notices: this.notices });
    this.modelsPage = new ModelsPage({
      onUse: (model) => {
        this.settings.close();
        this.choose(model);
      },
      onKeys: () => this.settings.open("keys"),
    });
    this.settings = new SettingsView({ pages: [this.keysPage, this.answersPage, this.modelsPage] });
    this.sidebar.addTool(this.settings.button);
    this.preferences.listen(() => this.showWeb());
  }

  layout() {
    this.openSidebar = iconButton(icon("menu"), "Show conversations", () => this.showSidebar(true), { class: "icon-button open-sidebar", "aria-controls": "sidebar" });
    const newChat = iconButton(icon("plus"), "New chat", () => this.go(null), { class: "icon-button new-chat-small" });
    const header = el("header", { class: "top" }, this.openSidebar, this.title, newChat);
    const note = el("p", { class: "fine-print", text: "Answers can be wrong. Check what matters." });
    this.main = el(
      "main", { class: "main" }, header, this.notices.connection, this.feed.element,
      el("div", { class: "bottom" }, this.composer.element, note),
    );
    this.tray.acceptDrops(this.main);
    this.veil = el("div", { class: "sidebar-veil", on: { click: () => this.showSidebar(false) } });
    this.root = el("div", { class: "app" }, this.sidebar.element, this.veil, this.main, this.notices.toast, this.notices.spoken);
    return this.root;
  }

  actions() {
    return {
      canAsk: () => this.model !== null,
      nameOf: (provider, id) => this.models.find((model) => model.provider === provider && model.id === id)?.displayName || id,
      edit: (message, prompt) => this.edit(message, prompt),
      regenerate: (answer) => this.model && this.chat.regenerate(answer, this.model),
      showSibling: (id) => this.chat.showSibling(id),
      reopen: () => this.open(this.chat.id),
    };
  }

  start() {
    this.chat.listen((event) => this.chatChanged(event));
    this.socket.listen((event) => this.socketChanged(event));
    window.addEventListener("popstate", () => this.open(conversationInAddress()));
    window.addEventListener("online", () => this.socket.hurry());
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) return;
      this.socket.hurry();
      this.socket.probe();
    });
    document.addEventListener("keydown", (event) => this.key(event));
    narrow.addEventListener("change", () => this.showSidebar(this.sidebarWanted(), { remembered: true }));
    this.showSidebar(this.sidebarWanted(), { remembered: true });
    this.socket.start();
    this.sidebar.refresh();
    this.preferences.load().catch((error) => this.notices.show(`The settings could not be read: ${error.message}`)).finally(() => this.loadModels());
    this.loadProfile();
    this.open(conversationInAddress());
  }

  // MARK: Models

  async loadModels() {
    try {
      this.models = await api.models();
    } catch (error) {
      this.notices.show(`The list of models could not be read: ${error.message}`);
      return;
    }
    this.picker.setModels(this.models);
    const stillThere = this.model && this.models.some(({ provider, id, available }) => available && provider === this.model.provider && id === this.model.id);
    if (!stillThere) this.setModel(firstChoice(this.models, this.preferences.get("defaultModel")));
    this.empty.setModels(this.models);
    for (const page of [this.answersPage, this.modelsPage]) page.setModels(this.models);
  }

  choose(model) {
    remember(model);
    this.setModel(model);
    this.composer.focus();
  }

  setModel(model) {
    this.model = model;
    this.picker.choose(model);
    this.answersPage.setModel(model);
    this.showWeb();
    this.refreshState();
    this.feed.update();
  }

  showWeb() {
    this.web.hidden = !abilities(this.model).webSearch;
    const on = this.preferences.get("webSearch") === true;
    this.web.setAttribute("aria-pressed", String(on));
    this.web.title = on ? "Searches the web" : "Search the web";
  }

  async toggleWeb() {
    const on = this.preferences.get("webSearch") === true;
    try {
      await this.preferences.set({ webSearch: on ? null : true });
    } catch (error) {
      this.notices.show(`Not saved: ${error.message}`);
    }
  }

  // MARK: Profile

  async loadProfile() {
    try {
      this.setProfile(await api.profile());
    } catch {
      // Only the greeting is plainer without it.
    }
  }

  setProfile(profile) {
    this.profile = profile ?? {};
    this.empty.setProfile(this.profile);
  }

  async editProfile() {
    const saved = await profileDialog({ api, profile: this.profile });
    if (saved) this.setProfile(saved);
  }

  // MARK: Navigation

  go(id) {
    const address = id ? `/chat/${encodeURIComponent(id)}` : "/";
    if (location.pathname !== address) history.pushState(null, "", address);
    this.open(id);
  }

  open(id) {
    if (narrow.matches) this.showSidebar(false);
    this.sidebar.select(id);
    this.feed.clear();
    this.composer.open(id);
    this.chat.open(id);
    this.showTitle();
    if (!narrow.matches) this.composer.focus();
  }

  showTitle() {
    const title = this.chat.id ? this.chat.title ?? "" : "";
    this.title.textContent = title;
    document.title = title ? `${title} \u00b7 Simple Stream` : "Simple Stream";
  }

  sidebarWanted() {
    return !narrow.matches && storage.get("sidebar") !== "closed";
  }

  showSidebar(open, { remembered = false } = {}) {
    const wasOpen = this.root.classList.contains("sidebar-open");
    this.root.classList.toggle("sidebar-open", open);
    this.sidebar.element.inert = !open;
    this.openSidebar.setAttribute("aria-expanded", String(open));
    if (narrow.matches) this.main.inert = open;
    else this.main.inert = false;
    if (remembered || open === wasOpen) return;
    if (!narrow.matches) storage.set("sidebar", open ? "" : "closed");
    if (open) this.sidebar.search.focus({ preventScroll: true });
    else this.openSidebar.focus({ preventScroll: true });
  }

  // MARK: Asking

  ask(prompt, takeFiles) {
    if (!this.model) return false;
    this.chat.ask(prompt, this.model, takeFiles());
    return true;
  }

  /** Files belong to one message: the edited one gets copies. */
  async edit(message, prompt) {
    if (!this.model) return;
    let files;
    try {
      files = await Promise.all((message.attachments ?? []).map((attachment) => api.copyAttachment(attachment)));
    } catch (error) {
      this.notices.show(`The files could not be taken along: ${error.message}`);
      return;
    }
    this.chat.edit(message, prompt, this.model, files);
  }

  stop() {
    const prompt = this.chat.stop();
    if (prompt !== null && this.composer.area.value === "") this.composer.setText(prompt);
    this.refreshState();
  }

  key(event) {
    if (event.key !== "Escape" || event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) return;
    if (this.picker.isOpen) this.picker.close();
    else if (narrow.matches && this.root.classList.contains("sidebar-open")) this.showSidebar(false);
    else if (this.chat.active) this.stop();
  }

  refreshState() {
    const active = this.chat.active;
    this.composer.setState({ streaming: active !== null, stopping: active?.stopping === true, usable: this.model !== null && !this.chat.loading });
  }

  // MARK: Events

  chatChanged(event) {
    switch (event.kind) {
      case "message":
        this.feed.grew(event.id);
        return;
      case "conversation":
        this.showTitle();
        if (event.created) this.conversationCreated();
        else if (this.chat.title) this.sidebar.retitle(this.chat.id, this.chat.title);
        return;
      case "ended":
        this.announce(event.message);
        return;
      case "failed":
        this.feed.fail(event.error);
        break;
    }
    this.feed.update();
    this.refreshState();
    if (event.asked) {
      this.feed.scrollToEnd();
      this.notices.say("Question sent");
      if (this.chat.id) this.sidebar.touched(this.chat.id);
    }
  }

  conversationCreated() {
    const { id, title } = this.chat;
    history.replaceState(null, "", `/chat/${encodeURIComponent(id)}`);
    this.composer.renamed(id);
    this.sidebar.touched(id, title ?? undefined);
    this.sidebar.select(id);
  }

  announce(message) {
    if (message.status === "complete") this.notices.say(`Answer: ${spoken(message.content)}`);
    else if (message.status === "cancelled") this.notices.say("Stopped");
    this.refreshState();
  }

  socketChanged(event) {
    if (event.kind === "frame") this.frame(event.frame);
    else if (event.kind === "ready") this.ready();
    else this.connectionChanged(event.state);
  }

  ready() {
    if (this.wasReady) {
      this.sidebar.refresh();
      this.loadModels();
    }
    this.wasReady = true;
    const { attachmentBytes } = this.socket.limits ?? {};
    if (Number.isFinite(attachmentBytes)) this.tray.maxBytes = attachmentBytes;
  }

  connectionChanged(state) {
    if (state === "connecting" || state === "waiting") {
      // A short break is nobody's concern; the tries of a long one are one break.
      this.connectionTimer ??= setTimeout(() => this.notices.setConnection("No connection to the server. Trying again\u2026"), 1200);
      return;
    }
    clearTimeout(this.connectionTimer);
    this.connectionTimer = null;
    if (state === "ready") this.notices.setConnection("");
    else if (state === "refused") this.signedOut();
    else if (state === "draining") this.notices.setConnection("The server is about to restart. Nothing is lost.");
  }

  /** The session has ended, here or elsewhere. What is on the page stays, in case the same user comes back. */
  signedOut() {
    this.notices.setConnection("You are signed out here.");
    if (document.querySelector(".sign-in-dialog")) return;
    signInDialog({ onGuest: () => location.assign("/") });
  }

  frame(frame) {
    switch (frame.type) {
      case "conversation:created":
        this.sidebar.touched(frame.conversationId, frame.title);
        this.sidebar.select(this.chat.id);
        break;
      case "conversation:title_updated":
        this.sidebar.retitle(frame.conversationId, frame.title);
        if (frame.conversationId === this.chat.id) {
          this.chat.title = frame.title;
          this.showTitle();
        }
        break;
      case "conversation:deleted":
        this.sidebar.removed(frame.conversationId);
        if (frame.conversationId === this.chat.id) {
          this.notices.show("This conversation was deleted.");
          this.go(null);
        }
        break;
      case "user:api_key_updated":
        this.loadModels();
        if (this.settings.isOpen) this.keysPage.refresh();
        break;
      case "user:settings_updated":
        this.preferences.changed(frame.changes);
        break;
      case "context:trimmed":
        this.notices.show(`The oldest ${frame.droppedMessages} messages are not sent to the model any more.`);
        break;
      case "error":
        if (!frame.requestId && frame.message) this.notices.show(frame.message);
        break;
    }
  }
}

/** The start of an answer as a screen reader should say it. */
function spoken(text) {
  const words = text.replace(/```[\s\S]*?(```|$)/g, " code ").replace(/[*_`#>|]/g, "");
  return words.length > 600 ? `${words.slice(0, 600)}\u2026` : words;
}

function conversationInAddress() {
  const match = /^\/chat\/([^/]+)\/?$/.exec(location.pathname);
  if (!match || match[1] === "new-chat") return null;
  try {
    return decodeURIComponent(match[1]);
  } catch {
    return match[1];
  }
}

begin((session) => new App(session).start());
