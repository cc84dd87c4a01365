// Makes the page cross-origin isolated where the host sends no headers, and says so where it cannot.
//
// Threads share memory only in a page that is cross-origin isolated (HTML standard, "cross-origin
// isolation"). On a host that sends the headers this script waits for nothing. On any other it
// registers the service worker, which adds them, and loads the page anew, once.
//
// `window.millraceIsolation` is { state, cause, reason, hint, retry }:
//   state   "isolated", "pending" (the page is about to be loaded anew) or "impossible"
//   cause   "" or a word for programs: file, insecure, no-service-worker, no-storage, framed,
//           registration, timeout, headers
//   reason  "" or a sentence that says why it is impossible
//   hint    "" or a sentence that says what to do
//   retry   a function that tries again
// The event "millraceisolation" is sent to window whenever the state changes.
"use strict";
(() => {
  const RELOADED = "millrace-isolation-reloaded";
  const ACTIVATION_LIMIT_MILLIS = 10_000;

  const isolation = { state: "pending", cause: "", reason: "", hint: "", retry };
  window.millraceIsolation = isolation;

  if (window.crossOriginIsolated) {
    change("isolated");
    forgetReload();
    // For offline use only, so it may wait until the page has loaded.
    if ("serviceWorker" in navigator && window.isSecureContext) {
      window.addEventListener("load", () => void keepOffline());
    }
  } else {
    void isolate();
  }

  async function isolate() {
    if (location.protocol === "file:") {
      return impossible("file", "The page was opened as a file, and browsers give no threads to files.",
        "Serve the folder over http from this machine (for example: npx serve), or open the site on the web.");
    }
    if (!window.isSecureContext) {
      return impossible("insecure", "The page came over plain http, and browsers give threads only to secure pages.",
        "Open the address with https, or from localhost.");
    }
    if (!("serviceWorker" in navigator)) {
      return impossible("no-service-worker",
        "This browser has no service workers here, as in a private window, and the host sends no headers.",
        "Open the page in a normal window, or ask the host for the headers COOP: same-origin and COEP: require-corp.");
    }
    let reloaded;
    try {
      reloaded = sessionStorage.getItem(RELOADED) !== null;
    } catch {
      return impossible("no-storage", "This browser keeps no data for the site, so its service worker cannot run.",
        "Allow cookies and site data for this address.");
    }
    if (reloaded) {
      if (window.top !== window) {
        return impossible("framed", "The page is inside a frame of another page that is not cross-origin isolated.",
          "Open it in a tab of its own.");
      }
      return impossible("headers", "The page was loaded anew with the right headers, and the browser still gives it no threads.",
        "Update the browser, or switch off extensions that change headers.");
    }
    try {
      await activeRegistration();
    } catch (error) {
      const cause = error?.name === "TimeoutError" ? "timeout" : "registration";
      return impossible(cause, `The service worker that enables threads could not start (${error?.message ?? error}).`,
        "Allow site data for this address, or open the page in a normal window.");
    }
    // Set before the reload, and taken away only by a page that is isolated: so there is no loop.
    sessionStorage.setItem(RELOADED, "1");
    location.reload();
  }

  async function activeRegistration() {
    const registration = await navigator.serviceWorker.register("isolation-sw.js");
    if (registration.active) return registration;
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new DOMException("it took too long", "TimeoutError")), ACTIVATION_LIMIT_MILLIS);
    });
    try {
      return await Promise.race([navigator.serviceWorker.ready, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  async function keepOffline() {
    try {
      await navigator.serviceWorker.register("isolation-sw.js");
      const registration = await navigator.serviceWorker.ready;
      registration.active?.postMessage("keep-all");
    } catch {
      // Without it the page works as well, only not offline.
    }
  }

  function retry() {
    forgetReload();
    location.reload();
  }

  function forgetReload() {
    try {
      sessionStorage.removeItem(RELOADED);
    } catch {
      // A browser that keeps no data has nothing to forget.
    }
  }

  function impossible(cause, reason, hint) {
    change("impossible", cause, reason, hint);
  }

  function change(state, cause = "", reason = "", hint = "") {
    Object.assign(isolation, { state, cause, reason, hint });
    window.dispatchEvent(new CustomEvent("millraceisolation", { detail: isolation }));
  }
})();
