import { account, signInAddress } from "../../account.js";
import { confirmDialog } from "../dialog.js";
import { el } from "../dom.js";
import { icon } from "../icons.js";
import { activityDialog } from "./activity.js";
import { tokensDialog } from "./tokens.js";

/** The user's name at the foot of the sidebar, and what they can do with their account. Null where there are no accounts. */
export function accountMenu({ session, notices }) {
  if (!session.user || session.local) return null;
  const { user } = session;
  const isGuest = user.kind === "guest";
  const name = user.name ?? "You";
  const menu = el("div", { class: "menu account-menu", role: "menu", hidden: true });
  const button = el(
    "button", { type: "button", class: "account-button", "aria-haspopup": "menu", "aria-expanded": "false", on: { click: () => toggle(menu.hidden) } },
    el("span", { class: "avatar", "aria-hidden": "true", text: [...name][0]?.toUpperCase() ?? "?" }),
    el("span", { class: "account-name", text: name }),
  );
  const entry = (name, label, run, kind = "") => el("button", {
    type: "button", role: "menuitem", class: `menu-entry ${kind}`, on: { click: () => { toggle(false); run(); } },
  }, icon(name), el("span", { text: label }));

  if (user.email) menu.append(el("p", { class: "menu-note", text: user.email }));
  if (isGuest) menu.append(el("p", { class: "menu-note", text: "A guest's conversations are gone when the session ends." }));
  // Made when the menu is opened: back to where the page is then.
  const ways = [];
  if (isGuest) {
    account.methods().then(({ methods }) => {
      for (const method of methods.toReversed()) {
        const link = el("a", { role: "menuitem", class: "menu-entry", href: method.url }, icon("user"), el("span", { text: `Sign in with ${method.name}` }));
        ways.push([link, method]);
        menu.prepend(link);
      }
    }).catch(() => {
      // The menu is there without them.
    });
  } else {
    menu.append(entry("key", "Access tokens", () => tokensDialog({ notices })));
  }
  menu.append(
    entry("history", "Activity", () => activityDialog()),
    el("a", { role: "menuitem", class: "menu-entry", href: "/api/account/export", download: "", on: { click: () => toggle(false) } }, icon("download"), el("span", { text: "Export my data" })),
    entry("leave", "Sign out", () => signOut()),
    entry("trash", isGuest ? "Delete everything" : "Delete my account", () => remove(), "danger"),
  );

  function toggle(open) {
    menu.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    for (const [link, method] of ways) link.href = signInAddress(method);
    if (open) menu.querySelector(".menu-entry")?.focus();
  }
  document.addEventListener("pointerdown", (event) => {
    if (!menu.hidden && !element.contains(event.target)) toggle(false);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || menu.hidden) return;
    event.stopPropagation();
    toggle(false);
    button.focus();
  }, { capture: true });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    const entries = [...menu.querySelectorAll(".menu-entry")];
    entries.at((entries.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1)) % entries.length).focus();
  });

  async function signOut() {
    if (isGuest) {
      const sure = await confirmDialog({ title: "Sign out?", text: "You are a guest: nobody can come back to these conversations.", action: "Sign out" });
      if (!sure) return;
    }
    try {
      await account.signOut();
    } catch (error) {
      if (error.code !== "unauthenticated") return notices.show(`Not signed out: ${error.message}`);
    }
    location.assign("/");
  }

  async function remove() {
    const sure = await confirmDialog({
      title: "Delete everything?", text: "All conversations, files, keys and settings will be gone for good, here and on every device.", action: "Delete for good",
    });
    if (!sure) return;
    try {
      await account.remove();
    } catch (error) {
      return notices.show(`Not deleted: ${error.message}`);
    }
    location.assign("/");
  }

  const element = el("div", { class: "account" }, button, menu);
  return element;
}
