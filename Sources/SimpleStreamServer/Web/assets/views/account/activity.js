// What happened to the account: sign-ins, tokens, keys, links, exports.

import { account } from "../../account.js";
import { age } from "../../format.js";
import { providerName } from "../../models.js";
import { el, iconButton } from "../dom.js";
import { icon } from "../icons.js";

/** An entry's icon and words, by its action. Names are the user's own: they only ever become text. */
const meanings = {
  guest_started: () => ["user", "Began as a guest"],
  signed_in: ({ with: way }, ways) => ["user", ways.get(way) ? `Signed in with ${ways.get(way)}` : "Signed in"],
  signed_out: () => ["leave", "Signed out"],
  guest_merged: () => ["user", "Brought a guest\u2019s conversations along"],
  token_created: ({ name }) => ["key", `Made the access token${quoted(name)}`],
  token_revoked: ({ name }) => ["trash", name ? `Revoked the access token${quoted(name)}` : "Revoked an access token"],
  device_approved: () => ["check", "Let a program in"],
  key_saved: ({ provider }) => ["key", `Saved a key for ${providerOf(provider)}`],
  key_deleted: ({ provider }) => ["trash", `Deleted the key for ${providerOf(provider)}`],
  key_revealed: ({ provider }) => ["warning", `Looked at the saved key for ${providerOf(provider)}`],
  conversation_shared: () => ["link", "Made a link to a conversation"],
  conversation_unshared: () => ["link", "Ended the link to a conversation"],
  data_exported: () => ["download", "Exported everything"],
};

/** Shows what happened to the account, newest first, page by page. */
export function activityDialog() {
  const list = el("div", { class: "activity", "aria-busy": "true" });
  const problem = el("p", { class: "card-problem", role: "alert", hidden: true });
  const more = el("button", { type: "button", class: "button", text: "Show older", hidden: true, on: { click: () => read() } });
  const close = iconButton(icon("close"), "Close", () => dialog.close());
  const dialog = el(
    "dialog", { class: "dialog wide-dialog", "aria-labelledby": "activity-title" },
    el("div", { class: "dialog-head" }, el("h2", { id: "activity-title", text: "Activity" }), close),
    el("p", { text: "What happened to your account. If something here was not you, sign out, revoke the tokens you do not know and replace your keys." }),
    list, problem, el("div", { class: "more-row" }, more),
  );
  let ways = new Map();
  let cursor = null;
  let heading = null;
  let group = null;
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  document.body.append(dialog);
  dialog.showModal();
  close.focus();
  begin();

  async function begin() {
    try {
      const { methods } = await account.methods();
      ways = new Map(methods.map(({ id, name }) => [id, name]));
    } catch {
      // Only the ways of signing in have no names then.
    }
    await read();
  }

  async function read() {
    more.disabled = true;
    problem.hidden = true;
    try {
      const { items, nextCursor } = await account.audit(cursor);
      const rows = items.map(add);
      if (cursor) rows[0]?.focus();
      cursor = nextCursor ?? null;
      if (!group) list.replaceChildren(el("p", { class: "nothing", text: "Nothing has happened yet." }));
      more.hidden = !cursor;
      more.textContent = "Show older";
    } catch (error) {
      problem.textContent = `The activity could not be read: ${error.message}`;
      problem.hidden = false;
      more.textContent = "Try again";
      more.hidden = false;
    }
    more.disabled = false;
    list.removeAttribute("aria-busy");
  }

  /** Adds a row below the heading of its day. */
  function add(entry) {
    const day = age(entry.createdAt);
    if (day !== heading) {
      heading = day;
      group = el("ul", { class: "activity-list", "aria-label": day });
      list.append(el("h3", { text: day }), group);
    }
    const row = entryRow(entry, ways);
    group.append(row);
    return row;
  }
}

function entryRow({ action, detail, address, createdAt }, ways) {
  const [picture, words] = meanings[action]?.(detail, ways) ?? ["spark", plain(action)];
  const time = new Date(createdAt);
  return el(
    "li", { class: "activity-row", tabindex: "-1", data: { action } },
    icon(picture),
    el(
      "div", {}, el("strong", { dir: "auto", text: words }),
      el("small", {},
        el("time", { datetime: createdAt, title: time.toLocaleString(undefined, { dateStyle: "full", timeStyle: "long" }), text: time.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" }) }),
        address ? ` \u00b7 from ${address}` : "",
        detail.scopes ? ` \u00b7 may ${detail.scopes.split(" ").join(", ")}` : ""),
    ),
    detail.conversation ? el("a", { class: "link-button", href: `/chat/${encodeURIComponent(detail.conversation)}`, "aria-label": "Open the conversation", text: "Open" }) : null,
  );
}

function providerOf(name) {
  return name ? providerName(name) : "a provider";
}

function quoted(name) {
  return name ? ` \u201c${name}\u201d` : "";
}

/** An action this page does not know, from a newer server. */
function plain(action) {
  const words = action.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
