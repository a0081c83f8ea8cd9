// Building blocks of the views. Text only ever becomes text nodes.

/**
 * Makes an element. `options` are `class`, `text`, `on` (listeners by name), `data` (data attributes) and attributes;
 * children that are null or false are left out.
 */
export function el(tag, options = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "class") element.className = value;
    else if (name === "text") element.textContent = value;
    else if (name === "on") for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    else if (name === "data") Object.assign(element.dataset, value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** A button that shows an icon and is named for those who do not see it. */
export function iconButton(icon, label, onClick, options = {}) {
  return el("button", { type: "button", class: "icon-button", title: label, "aria-label": label, ...options, on: { click: onClick } }, icon);
}

/** Puts text on the clipboard; false when the browser does not allow it. */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

/** The way that also works where there is no secure context. */
function copyBySelection(text) {
  const area = el("textarea", { class: "visually-hidden", "aria-hidden": "true" });
  area.value = text;
  document.body.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  return copied;
}

/** Runs `draw` with the next frame, or soon when the page is hidden and has none; once however often it is asked. */
export function scheduled(draw) {
  let waiting = false;
  let cost = 0;
  const run = () => {
    waiting = false;
    const start = performance.now();
    draw();
    cost = performance.now() - start;
  };
  return () => {
    if (waiting) return;
    waiting = true;
    if (document.hidden) setTimeout(run, 250);
    // A costly drawing leaves three times its own time to everything else.
    else if (cost > 8) setTimeout(() => requestAnimationFrame(run), cost * 3);
    else requestAnimationFrame(run);
  };
}
