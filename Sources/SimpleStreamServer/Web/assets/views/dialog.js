import { el } from "./dom.js";

/** Asks a question with one way to go on; resolves to whether it was taken. */
export function confirmDialog({ title, text, action }) {
  return new Promise((resolve) => {
    const dialog = el("dialog", { class: "dialog", "aria-labelledby": "dialog-title" });
    const cancel = el("button", { type: "button", class: "button", text: "Cancel", on: { click: () => dialog.close("no") } });
    const proceed = el("button", { type: "button", class: "button danger", text: action, on: { click: () => dialog.close("yes") } });
    dialog.append(el("h2", { id: "dialog-title", text: title }), el("p", { text }), el("div", { class: "buttons" }, cancel, proceed));
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) dialog.close("no");
    });
    document.body.append(dialog);
    dialog.showModal();
    cancel.focus();
  });
}
