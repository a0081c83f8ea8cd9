import { el } from "./dom.js";

const fields = [
  ["name", "What to call you", "given-name"],
  ["city", "City", "address-level2"],
  ["region", "Region", "address-level1"],
  ["country", "Country, two letters", "country"],
  ["timeZone", "Time zone", "off"],
  ["locale", "Language", "off"],
  ["userAgent", "Browser", "off", 512],
];

/** Lets the user say how to greet them and where they are; resolves to the saved profile, or null. */
export function profileDialog({ api, profile }) {
  return new Promise((resolve) => {
    const inputs = new Map(fields.map(([name, , autocomplete, maxlength = 100]) => [
      name, el("input", { type: "text", name, value: profile[name] ?? "", maxlength, autocomplete }),
    ]));
    const share = el("input", { type: "checkbox", name: "shareLocation" });
    share.checked = profile.shareLocation === true;
    const problem = el("p", { class: "problem", role: "alert", hidden: true });
    const dialog = el("dialog", { class: "dialog profile", "aria-labelledby": "profile-title" });
    const cancel = el("button", { type: "button", class: "button", text: "Cancel", on: { click: () => dialog.close() } });
    const guess = el("button", { type: "button", class: "button", text: "Fill in from this browser", on: { click: () => fill(inputs, profile.seen) } });
    const save = el("button", { type: "submit", class: "button", text: "Save" });
    const form = el(
      "form", { method: "dialog", on: { submit: (event) => {
        event.preventDefault();
        saved();
      } } },
      el("h2", { id: "profile-title", text: "About you" }),
      el("p", { text: "All of it may stay empty." }),
      ...fields.map(([name, label]) => el("label", { class: "field" }, el("span", { text: label }), inputs.get(name))),
      guess,
      el("label", { class: "choice" }, share, el("span", { text: "Web searches may be told roughly where I am" })),
      problem, el("div", { class: "buttons" }, cancel, save),
    );
    let result = null;
    async function saved() {
      const changes = { shareLocation: share.checked };
      for (const [name, input] of inputs) changes[name] = input.value.trim() === "" ? null : input.value.trim();
      try {
        result = await api.saveProfile(changes);
        dialog.close();
      } catch (error) {
        problem.textContent = error.message;
        problem.hidden = false;
      }
    }
    dialog.append(form);
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(result);
    });
    document.body.append(dialog);
    dialog.showModal();
    inputs.get("name").focus();
  });
}

/** What the server's proxy knows, else the browser by itself. Nothing is kept before it is saved. */
function fill(inputs, seen = {}) {
  const known = { userAgent: navigator.userAgent.slice(0, 512), ...seen, timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone, locale: navigator.language };
  for (const [name, input] of inputs) {
    if (input.value === "" && typeof known[name] === "string") input.value = known[name];
  }
}
