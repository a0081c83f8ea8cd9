import { storage } from "../storage.js";
import { iconButton } from "./dom.js";
import { icon } from "./icons.js";

const order = ["auto", "light", "dark"];
const labels = { auto: "Colours: as the system", light: "Colours: light", dark: "Colours: dark" };
const icons = { auto: "auto", light: "sun", dark: "moon" };

/** Changes between the system's colours, light and dark. */
export function themeButton() {
  let theme = storage.get("theme") ?? "auto";
  const button = iconButton(icon(icons[theme] ?? "auto"), labels[theme] ?? labels.auto, () => {
    theme = order[(order.indexOf(theme) + 1) % order.length];
    storage.set("theme", theme === "auto" ? "" : theme);
    show();
  });
  function show() {
    if (theme === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    button.replaceChildren(icon(icons[theme]));
    button.title = labels[theme];
    button.setAttribute("aria-label", labels[theme]);
  }
  return button;
}
