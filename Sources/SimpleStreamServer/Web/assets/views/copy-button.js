import { copyText, iconButton } from "./dom.js";
import { icon } from "./icons.js";

/** A button that copies what `text()` gives, and says for a moment that it did. */
export function copyButton(label, text) {
  let timer;
  const button = iconButton(icon("copy"), label, async () => {
    const copied = await copyText(text());
    clearTimeout(timer);
    button.replaceChildren(icon(copied ? "check" : "warning"));
    button.setAttribute("aria-label", copied ? "Copied" : "Copying is not allowed here");
    timer = setTimeout(() => {
      button.replaceChildren(icon("copy"));
      button.setAttribute("aria-label", label);
    }, 1600);
  });
  return button;
}
