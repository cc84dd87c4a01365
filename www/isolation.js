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
  const SERVICE_WORKER = "isolation-sw.js";
  const ACTIVATION_LIMIT_MILLIS = 10_000;
  // A browser may bring a page back without its service worker, as after a reload with Shift held
  // down. One automatic reload in this time repairs that, and can never become a loop.
  const RELOAD_PAUSE_MILLIS = 20_000;

  const isolation = { state: "pending", cause: "", reason: "", hint: "", retry };
  window.millraceIsolation = isolation;

  if (window.crossOriginIsolated) {
    change("isolated");
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
    let reloadedMillis;
    try {
      reloadedMillis = Number(sessionStorage.getItem(RELOADED));
    } catch {
      return impossible("no-storage", "This browser keeps no data for the site, so its service worker cannot run.",
        "Allow cookies and site data for this address.");
    }
    const isOurs = navigator.serviceWorker.controller?.scriptURL.endsWith("/" + SERVICE_WORKER);
    if (isOurs || Math.abs(Date.now() - reloadedMillis) < RELOAD_PAUSE_MILLIS) {
      if (window.top !== window) {
        return impossible("framed", "The page is inside a frame of another page that is not cross-origin isolated.",
          "Open it in a tab of its own.");
      }
      return impossible("headers", "The page was loaded anew with the right headers, and the browser still gives it no threads.",
        "Wait a moment and load the page again; then update the browser, or switch off extensions that change headers.");
    }
    try {
      await activeRegistration();
    } catch (error) {
      const cause = error?.name === "TimeoutError" ? "timeout" : "registration";
      return impossible(cause, `The service worker that enables threads could not start (${error?.message ?? error}).`,
        "Allow site data for this address, or open the page in a normal window.");
    }
    sessionStorage.setItem(RELOADED, String(Date.now()));
    location.reload();
  }

  async function activeRegistration() {
    const registration = await navigator.serviceWorker.register(SERVICE_WORKER);
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
      await navigator.serviceWorker.register(SERVICE_WORKER);
      const registration = await navigator.serviceWorker.ready;
      registration.active?.postMessage("keep-all");
    } catch {
      // Without it the page works as well, only not offline.
    }
  }

  function retry() {
    try {
      sessionStorage.removeItem(RELOADED);
    } catch {
      // A browser that keeps no data has nothing to forget.
    }
    location.reload();
  }

  function impossible(cause, reason, hint) {
    change("impossible", cause, reason, hint);
  }

  function change(state, cause = "", reason = "", hint = "") {
    Object.assign(isolation, { state, cause, reason, hint });
    window.dispatchEvent(new CustomEvent("millraceisolation", { detail: isolation }));
  }
})();
