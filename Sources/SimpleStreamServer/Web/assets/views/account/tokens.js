import { account } from "../../account.js";
import { copyButton } from "../copy-button.js";
import { el, iconButton } from "../dom.js";
import { icon } from "../icons.js";

const lives = [["30", "30 days"], ["90", "90 days"], ["365", "a year"], ["", "no end"]];

/** Lists, makes and revokes tokens. A new one is shown this once. */
export function tokensDialog({ notices }) {
  const list = el("div", { class: "token-list" });
  const fresh = el("div", { class: "fresh-token", hidden: true });
  const name = el("input", { name: "name", maxlength: "100", required: true, placeholder: "laptop", "aria-label": "Name", autocomplete: "off" });
  const boxes = ["chat", "read", "keys", "admin"].map((scope) => el("input", { type: "checkbox", name: scope, checked: scope === "chat" || scope === "read" }));
  const life = el("select", { "aria-label": "Lives for" }, ...lives.map(([value, text]) => el("option", { value, text, selected: value === "90" })));
  const form = el(
    "form", { class: "token-form", on: { submit: (event) => { event.preventDefault(); make(); } } }, name,
    el("fieldset", { class: "scopes" }, el("legend", { text: "May" }), ...boxes.map((box) => el("label", {}, box, ` ${box.name}`))),
    el("label", { class: "life" }, "Lives for ", life), el("button", { type: "submit", class: "button primary", text: "Make a token" }),
  );
  const close = iconButton(icon("close"), "Close", () => dialog.close());
  const dialog = el(
    "dialog", { class: "dialog wide-dialog", "aria-labelledby": "tokens-title" },
    el("div", { class: "dialog-head" }, el("h2", { id: "tokens-title", text: "Access tokens" }), close),
    el("p", { text: "A token lets a program in as you. Give each its own, with as little as it needs." }), fresh, form, list,
  );
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  document.body.append(dialog);
  dialog.showModal();
  name.focus();
  read();

  async function read() {
    try {
      const { items } = await account.tokens();
      list.replaceChildren(...(items.length ? items.map(row) : [el("p", { class: "nothing", text: "No tokens yet." })]));
    } catch (error) {
      list.replaceChildren(el("p", { class: "card-problem", text: error.message }));
    }
  }

  function row(token) {
    const until = token.expiresAt ? `until ${day(token.expiresAt)}` : "no end";
    const used = token.lastUsedAt ? `used ${day(token.lastUsedAt)}` : "never used";
    return el(
      "div", { class: "token-row" },
      el("div", {}, el("strong", { text: token.name }), el("small", { text: `${token.scopes.join(", ")} \u00b7 ${until} \u00b7 ${used}` })),
      iconButton(icon("trash"), `Revoke ${token.name}`, () => revoke(token)),
    );
  }

  async function make() {
    const scopes = boxes.filter((box) => box.checked).map((box) => box.name);
    if (scopes.length === 0) return notices.show("Choose at least one thing the token may do.");
    try {
      const token = await account.makeToken({ name: name.value.trim(), scopes, expiresInDays: life.value ? Number(life.value) : undefined });
      fresh.replaceChildren(
        el("p", { text: "Copy it now: it is not shown again." }),
        el("div", { class: "token-text" }, el("code", { text: token.token }), copyButton("Copy token", () => token.token)),
      );
      fresh.hidden = false;
      name.value = "";
    } catch (error) {
      notices.show(`No token was made: ${error.message}`);
    }
    read();
  }

  async function revoke(token) {
    try {
      await account.revokeToken(token.id);
    } catch (error) {
      if (error.code !== "not_found") notices.show(`Not revoked: ${error.message}`);
    }
    read();
  }
}

function day(time) {
  return new Date(time).toLocaleDateString(undefined, { dateStyle: "medium" });
}
