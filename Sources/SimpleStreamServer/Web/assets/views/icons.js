// The page's icons, as lines on a 24 by 24 grid.

const paths = {
  plus: ["M12 5v14", "M5 12h14"],
  menu: ["M4 7h16", "M4 12h16", "M4 17h10"],
  panel: ["M4 5h16v14H4z", "M9.5 5v14"],
  search: ["M11 4a7 7 0 1 0 0 14a7 7 0 0 0 0-14z", "M16.2 16.2L20.5 20.5"],
  send: ["M12 19V5", "M5.5 11.5L12 5l6.5 6.5"],
  stop: ["M7.5 7.5h9v9h-9z"],
  copy: ["M9 9h11v11H9z", "M15 9V4H4v11h5"],
  check: ["M5 12.5l4.5 4.5L19 7.5"],
  retry: ["M20 12a8 8 0 1 1-2.4-5.7", "M20 3.5v4.2h-4.2"],
  edit: ["M4 20l1-4.5L16 4.5l3.5 3.5L8.5 19z", "M14 6.5l3.5 3.5"],
  trash: ["M5 7h14", "M10 7V4.5h4V7", "M7 7l1 13h8l1-13", "M10.5 11v5.5", "M13.5 11v5.5"],
  more: ["M5.5 12h.01", "M12 12h.01", "M18.5 12h.01"],
  close: ["M6 6l12 12", "M18 6L6 18"],
  down: ["M6 9.5l6 6l6-6"],
  left: ["M14.5 6l-6 6l6 6"],
  right: ["M9.5 6l6 6l-6 6"],
  arrowDown: ["M12 5v14", "M5.5 12.5L12 19l6.5-6.5"],
  sliders: ["M4 7h8", "M18 7h2", "M15 4a3 3 0 1 0 0 6a3 3 0 0 0 0-6z", "M4 17h2", "M12 17h8", "M9 14a3 3 0 1 0 0 6a3 3 0 0 0 0-6z"],
  clip: ["M19.5 11.5l-7.6 7.6a4.6 4.6 0 0 1-6.5-6.5l8-8a3 3 0 0 1 4.3 4.3l-7.9 7.9a1.5 1.5 0 0 1-2.1-2.1l7.2-7.2"],
  globe: ["M12 3.5a8.5 8.5 0 1 0 0 17a8.5 8.5 0 0 0 0-17z", "M3.8 12h16.4", "M12 3.5c-5 5.2-5 11.8 0 17", "M12 3.5c5 5.2 5 11.8 0 17"],
  file: ["M6 3.5h8l4.5 4.5v12.5h-12.5z", "M13.5 3.5v5h5"],
  sun: ["M12 8a4 4 0 1 0 0 8a4 4 0 0 0 0-8z", "M12 2.5v2", "M12 19.5v2", "M2.5 12h2", "M19.5 12h2", "M5.3 5.3l1.4 1.4", "M17.3 17.3l1.4 1.4", "M5.3 18.7l1.4-1.4", "M17.3 6.7l1.4-1.4"],
  moon: ["M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z"],
  auto: ["M3.5 5h17v11h-17z", "M9 20h6", "M12 16v4"],
  spark: ["M12 3.5l2 6.5l6.5 2l-6.5 2l-2 6.5l-2-6.5l-6.5-2l6.5-2z"],
  tool: ["M14.5 6.5a4 4 0 0 1 5-1l-2.7 2.7l1.5 1.5L21 7a4 4 0 0 1-5.5 5L8 19.5L4.5 16L12 8.5a4 4 0 0 1 2.5-2z"],
  link: ["M10 14a4 4 0 0 0 5.7 0l3-3a4 4 0 0 0-5.7-5.7l-1 1", "M14 10a4 4 0 0 0-5.7 0l-3 3a4 4 0 0 0 5.7 5.7l1-1"],
  image: ["M4 5h16v14H4z", "M4 16l4.5-4.5l4 4l3-3L20 17", "M15.5 9h.01"],
  user: ["M12 4a4 4 0 1 0 0 8a4 4 0 0 0 0-8z", "M4.5 20a7.5 7.5 0 0 1 15 0"],
  key: ["M8 11a4 4 0 1 0 0 8a4 4 0 0 0 0-8z", "M11 12.5L20 3.5", "M16.5 7l3 3"],
  download: ["M12 4v11", "M6.5 10L12 15.5L17.5 10", "M5 20h14"],
  history: ["M4.5 12a7.5 7.5 0 1 0 2.2-5.3L4.5 9", "M4.5 4.5V9H9", "M12 8v4.3l3 1.8"],
  leave: ["M14 4H5v16h9", "M10 12h10.5", "M16.5 8l4 4l-4 4"],
  warning: ["M12 4L2.8 19.5h18.4z", "M12 10v4.5", "M12 17h.01"],
};

const namespace = "http://www.w3.org/2000/svg";

export function icon(name) {
  const svg = document.createElementNS(namespace, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  for (const d of paths[name]) {
    const path = document.createElementNS(namespace, "path");
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}
