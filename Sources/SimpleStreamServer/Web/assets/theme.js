// Runs before the page is drawn, so that it never flashes in the wrong colours. A classic script for that reason.
(() => {
  let theme = null;
  try {
    theme = localStorage.getItem("simple-stream.theme");
  } catch {
    // Then the system decides.
  }
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
})();
