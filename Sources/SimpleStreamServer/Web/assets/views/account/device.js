import { account, signInAddress } from "../../account.js";
import { el } from "../dom.js";
import { card } from "./card.js";

const meanings = {
  chat: "Ask, stop and change conversations",
  read: "Read your conversations and settings",
  keys: "Save and delete provider keys",
  admin: "Manage tokens, export and see the account's log",
};

/** The page where a user lets a program in that shows a code. */
export function devicePage(session) {
  const problem = el("p", { class: "card-problem", role: "alert", hidden: true });
  const body = el("div");
  const page = card("Let a program in", problem, body);
  const fail = (text) => {
    problem.textContent = text;
    problem.hidden = text === "";
  };
  if (session.user.kind === "guest") {
    body.append(el("p", { class: "lead", text: "Guests cannot let programs in. Sign in first." }), signInLinks());
    return page;
  }
  const input = el("input", {
    class: "code", name: "code", "aria-label": "Code", autocomplete: "off", autocapitalize: "characters", spellcheck: "false",
    maxlength: "12", placeholder: "BCDF-GHJK", autofocus: true,
  });
  input.value = new URLSearchParams(location.search).get("code") ?? "";
  const form = el(
    "form", { class: "device-form", on: { submit: (event) => { event.preventDefault(); look(); } } },
    el("p", { class: "lead", text: "Type the code the program shows." }), input,
    el("button", { type: "submit", class: "button primary wide", text: "Continue" }),
  );
  body.append(form);

  async function look() {
    fail("");
    try {
      const device = await account.waitingDevice(input.value);
      body.replaceChildren(question(device));
      body.querySelector("button")?.focus();
    } catch (error) {
      fail(error.message);
    }
  }

  function question(device) {
    const answer = (approve, label, style) => el("button", {
      type: "button", class: `button ${style}`, text: label, on: { click: () => decide(approve) },
    });
    return el(
      "div", {},
      el("p", { class: "lead" }, el("strong", { text: device.clientName }), " wants to use your account. Let it in only if you started it just now and it shows ",
        el("code", { text: input.value.toUpperCase() }), "."),
      el("ul", { class: "scope-list" }, ...device.scopes.map((scope) => el("li", { text: meanings[scope] ?? scope }))),
      el("div", { class: "buttons" }, answer(false, "Refuse", ""), answer(true, "Let it in", "primary")),
    );
  }

  async function decide(approve) {
    fail("");
    try {
      await account.decideDevice(input.value, approve);
      body.replaceChildren(el("p", { class: "lead", role: "status", text: approve ? "Done. You can close this page; the program goes on by itself." : "The program was refused." }));
    } catch (error) {
      fail(error.message);
    }
  }
  return page;
}

function signInLinks() {
  const list = el("div", { class: "ways" });
  account.methods().then(({ methods }) => {
    for (const method of methods) list.append(el("a", { class: "button primary wide", href: signInAddress(method), text: `Continue with ${method.name}` }));
  }).catch((error) => list.append(el("p", { class: "card-problem", text: error.message })));
  return list;
}
