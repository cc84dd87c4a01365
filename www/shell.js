// Before the page: its colours, and the shell, which says so when the page behind it cannot start: a file that
// did not arrive, a browser that is too old.
"use strict";
(() => {
  // The colours of the first frame: those that were chosen in the menu, or else the system's.
  let chosen = null;
  try {
    chosen = localStorage.getItem("millrace.theme");
  } catch {
    // A browser that keeps no data has no choice to tell.
  }
  const dark = chosen === null ? matchMedia("(prefers-color-scheme: dark)").matches : chosen === "dark";
  document.documentElement.dataset.theme = dark ? "millrace-dark" : "millrace-light";
})();
(() => {
  let started = false;
  window.addEventListener("TrunkApplicationStarted", () => { started = true; });
  window.addEventListener("unhandledrejection", (event) => fail(event.reason?.message ?? event.reason));
  // Files that fail to load send an event that does not bubble, so it is caught on its way down.
  window.addEventListener("error", (event) => fail(event.message ?? event.target?.src ?? event.target?.href), true);

  function fail(reason) {
    const message = document.getElementById("shell-message");
    if (started || !message) return;
    document.getElementById("shell-bar")?.remove();
    message.textContent = `The page could not start (${reason || "a file is missing"}). `
      + "Load it again; if that does not help, update the browser.";
  }
})();
