import { account } from "../../account.js";
import { copyButton } from "../copy-button.js";
import { el, iconButton } from "../dom.js";
import { icon } from "../icons.js";

/** Makes a link to what a conversation is now, shows it, and ends it again. */
export function shareDialog({ conversation, notices, onChange }) {
  const body = el("div");
  const dialog = el(
    "dialog", { class: "dialog", "aria-labelledby": "share-title" },
    el("div", { class: "dialog-head" }, el("h2", { id: "share-title", text: "Share this conversation" }), iconButton(icon("close"), "Close", () => dialog.close())),
    el("p", { text: "Everybody with the link can read what the conversation is now. What you add later is not shared." }), body,
  );
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  draw();
  document.body.append(dialog);
  dialog.showModal();

  function draw() {
    const make = el("button", { type: "button", class: "button primary", text: conversation.shared ? "Make a new link" : "Make a link", on: { click: share } });
    const end = el("button", { type: "button", class: "button danger", text: "Stop sharing", on: { click: unshare } });
    body.replaceChildren(el("div", { class: "buttons" }, ...(conversation.shared ? [end, make] : [make])));
  }

  async function share() {
    try {
      const { url } = await account.share(conversation.id);
      const address = new URL(url, location.origin).href;
      conversation.shared = true;
      draw();
      body.prepend(el("div", { class: "token-text" }, el("code", { text: address }), copyButton("Copy link", () => address)));
      onChange();
    } catch (error) {
      notices.show(`Not shared: ${error.message}`);
    }
  }

  async function unshare() {
    try {
      await account.unshare(conversation.id);
    } catch (error) {
      if (error.code !== "not_found") return notices.show(`Still shared: ${error.message}`);
    }
    conversation.shared = false;
    draw();
    onChange();
  }
}
