// Files that go along with a prompt: chosen, dropped or pasted, uploaded at once, seen before they are sent.

import { attachmentAddress } from "../api.js";
import { el, iconButton } from "./dom.js";
import { icon } from "./icons.js";

const most = 32;
const shownPictures = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);

export class AttachmentTray {
  #api;
  #notices;
  #onChange;
  #items = [];

  /** `onChange()` is called when something was added, is there, or is gone. */
  constructor({ api, notices, onChange }) {
    this.#api = api;
    this.#notices = notices;
    this.#onChange = onChange;
    this.maxBytes = 20 * 1024 * 1024;
    this.input = el("input", { type: "file", multiple: true, hidden: true, tabindex: "-1", "aria-label": "Files to attach", on: { change: () => this.#chosen() } });
    this.button = iconButton(icon("clip"), "Attach files", () => this.input.click(), { class: "icon-button attach" });
    this.list = el("ul", { class: "tray", "aria-label": "Attached files", hidden: true });
    this.element = el("div", { class: "tray-frame" }, this.list, this.input);
  }

  get isEmpty() {
    return this.#items.length === 0;
  }

  /** Whether all that is shown can be sent. */
  get isReady() {
    return this.#items.every((item) => item.state === "ready");
  }

  add(files) {
    for (const file of files) this.#add(file);
  }

  /** The uploaded files; the tray is empty afterwards. */
  take() {
    const taken = this.#items.filter((item) => item.state === "ready").map((item) => item.attachment);
    for (const item of this.#items) this.#forget(item);
    this.#items = [];
    this.#changed();
    return taken;
  }

  /** Takes files from a paste, if there are any; says so. */
  paste(event) {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0) return false;
    event.preventDefault();
    this.add(files);
    return true;
  }

  /** Lets files be dropped anywhere on `target`, which is marked meanwhile. */
  acceptDrops(target) {
    let inside = 0;
    const hasFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
    const mark = (on) => target.classList.toggle("dropping", on);
    target.addEventListener("dragenter", (event) => {
      if (!hasFiles(event)) return;
      inside += 1;
      mark(true);
    });
    target.addEventListener("dragleave", (event) => {
      if (!hasFiles(event)) return;
      inside = Math.max(0, inside - 1);
      if (inside === 0) mark(false);
    });
    target.addEventListener("dragover", (event) => {
      if (hasFiles(event)) event.preventDefault();
    });
    target.addEventListener("drop", (event) => {
      inside = 0;
      mark(false);
      if (!hasFiles(event)) return;
      event.preventDefault();
      this.add([...event.dataTransfer.files]);
    });
  }

  #chosen() {
    this.add([...this.input.files]);
    // The same file can be chosen again.
    this.input.value = "";
  }

  #add(file) {
    if (this.#items.length >= most) {
      this.#notices.show(`At most ${most} files go with one message.`);
      return;
    }
    const name = file.name || "Pasted file";
    const item = { name, state: "uploading", attachment: null, problem: "", address: null, abort: new AbortController() };
    if (shownPictures.has(file.type)) item.address = URL.createObjectURL(file);
    item.node = this.#node(item, file);
    this.#items.push(item);
    this.list.append(item.node);
    this.#changed();
    if (file.size > this.maxBytes) this.#fail(item, `Too large: at most ${size(this.maxBytes)}.`);
    else if (file.size === 0) this.#fail(item, "The file is empty.");
    else this.#upload(item, file);
  }

  async #upload(item, file) {
    try {
      const attachment = await this.#api.upload(file, item.name, item.abort.signal);
      if (!this.#items.includes(item)) {
        // Removed while it was on its way.
        this.#api.removeAttachment(attachment.id).catch(() => {});
        return;
      }
      item.attachment = attachment;
      item.state = "ready";
      this.#draw(item);
      this.#notices.say(`${item.name} is attached`);
    } catch (error) {
      if (error.name !== "AbortError") this.#fail(item, error.message);
    }
    this.#changed();
  }

  #fail(item, problem) {
    item.state = "failed";
    item.problem = problem;
    this.#draw(item);
    this.#notices.say(`${item.name}: ${problem}`);
    this.#changed();
  }

  #node(item, file) {
    const preview = item.address ? el("img", { src: item.address, alt: "", class: "tray-picture" }) : icon("file");
    item.note = el("small", { class: "tray-note", text: "Uploading\u2026" });
    item.size = size(file.size);
    const remove = iconButton(icon("close"), `Remove ${item.name}`, () => this.#remove(item), { class: "icon-button tray-remove" });
    return el("li", { class: "tray-item uploading" }, preview, el("span", { class: "tray-text" }, el("span", { class: "tray-name", text: item.name, title: item.name, dir: "auto" }), item.note), remove);
  }

  #draw(item) {
    item.node.className = `tray-item ${item.state}`;
    item.note.textContent = item.state === "failed" ? item.problem : item.size;
  }

  #remove(item) {
    item.abort.abort();
    if (item.attachment) this.#api.removeAttachment(item.attachment.id).catch(() => {});
    this.#forget(item);
    this.#items = this.#items.filter((other) => other !== item);
    this.#changed();
    this.button.focus();
  }

  #forget(item) {
    if (item.address) URL.revokeObjectURL(item.address);
    item.node.remove();
  }

  #changed() {
    this.list.hidden = this.#items.length === 0;
    this.#onChange();
  }
}

/** The files of a message that was sent; null when there are none. */
export function attachmentList(attachments = []) {
  if (!Array.isArray(attachments) || attachments.length === 0) return null;
  const items = attachments.filter((attachment) => typeof attachment?.id === "string").map((attachment) => {
    const href = attachmentAddress(attachment.id);
    const name = attachment.name || "File";
    if (shownPictures.has(attachment.mime)) {
      return el("li", {}, el("a", { href, target: "_blank", rel: "noopener", title: name }, el("img", { src: href, alt: name, class: "sent-picture", loading: "lazy" })));
    }
    return el("li", {}, el("a", { href, download: name, class: "sent-file" }, icon("file"), el("span", { text: name, dir: "auto" }), el("small", { text: size(attachment.size) })));
  });
  return el("ul", { class: "sent-files", "aria-label": "Attached files" }, ...items);
}

function size(bytes) {
  if (!Number.isFinite(bytes)) return "";
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1).replace(/\.0$/, "")} MB`;
}
