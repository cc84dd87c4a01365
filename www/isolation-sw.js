// The service worker: adds the headers that a host does not send, and keeps the site for offline use.
//
// Headers: Cross-Origin-Opener-Policy, -Embedder-Policy and -Resource-Policy on all answers, so that
// page and workers are cross-origin isolated; and the content security policy on answers to workers,
// which a meta element does not reach. A worker that only holds a connection gets a policy of its own, with the
// one origin that its address names, if the user has allowed that one.
//
// Files: those with a digest in their name come from the cache when they are there; the page itself
// comes from the network, and from the cache when there is none. A new site is a new cache; the one
// before it stays, because a page may still be open that loads its parts later.
"use strict";

// Filled in by the build: version, lasting (files whose name holds a digest), fresh, workerPolicy.
const BUILD = "{build}";

const CACHE_PREFIX = "millrace-";
const CACHE = CACHE_PREFIX + BUILD.version;
const KEPT_CACHES = 2;
// What the user allowed (www/npm/streams.js); no site's version of its own, so it has another prefix.
const ALLOWED = "allowed-connections";
const CONNECTION = "/connection.worker.js";
const SCOPE = new URL("./", self.location.href).href;
const LASTING = new Set(BUILD.lasting.map((file) => SCOPE + file));
const FRESH = new Set(BUILD.fresh.map((file) => SCOPE + file));
const PAGE = SCOPE + "index.html";

self.addEventListener("install", () => self.skipWaiting());

self.addEventListener("activate", (event) => {
  event.waitUntil(Promise.all([self.clients.claim(), removeOldCaches()]));
});

self.addEventListener("message", (event) => {
  if (event.data === "keep-all") event.waitUntil(keepAll());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  // Chromium's "only-if-cached" cannot be fetched anew from here; other origins are none of ours.
  const isOdd = request.cache === "only-if-cached" && request.mode !== "same-origin";
  if (request.method !== "GET" || isOdd || !request.url.startsWith(SCOPE)) return;
  event.respondWith(answer(request).then((response) => withHeaders(request, response)));
});

async function answer(request) {
  const url = request.url.split(/[?#]/)[0];
  const address = url === SCOPE ? PAGE : url;
  if (FRESH.has(address)) return fromNetworkFirst(request, address);
  const kept = await caches.match(address);
  if (kept) return kept;
  const response = await fetch(request);
  if (LASTING.has(address) && response.status === 200 && !request.headers.has("range")) {
    await store(address, response.clone());
  }
  return response;
}

async function fromNetworkFirst(request, address) {
  try {
    const response = await fetch(request);
    if (response.status === 200) await store(address, response.clone());
    return response;
  } catch (error) {
    const kept = await caches.match(address);
    if (kept) return kept;
    throw error;
  }
}

// A full disk, or a browser that keeps nothing, must not keep the page from its files.
async function store(address, response) {
  try {
    const cache = await caches.open(CACHE);
    await cache.put(address, response);
  } catch {
    return;
  }
}

async function keepAll() {
  const cache = await caches.open(CACHE);
  for (const address of [...LASTING, ...FRESH]) {
    if (await cache.match(address)) continue;
    try {
      await cache.add(address);
    } catch {
      // One missing file is no reason to leave out the others.
    }
  }
}

async function removeOldCaches() {
  await caches.open(CACHE);
  const names = (await caches.keys()).filter((name) => name.startsWith(CACHE_PREFIX) && name !== CACHE);
  // The keys come in the order in which the caches were made.
  const old = names.slice(0, Math.max(0, names.length - (KEPT_CACHES - 1)));
  await Promise.all(old.map((name) => caches.delete(name)));
}

async function withHeaders(request, response) {
  // Answers without a readable status, such as redirects of a navigation, must pass as they are.
  if (response.status === 0) return response;
  const headers = new Headers(response.headers);
  headers.set("Cross-Origin-Opener-Policy", "same-origin");
  headers.set("Cross-Origin-Embedder-Policy", "require-corp");
  headers.set("Cross-Origin-Resource-Policy", "same-origin");
  // The page has its own policy, which belongs to its very version.
  const isWorker = request.destination === "worker" || request.destination === "sharedworker";
  if (isWorker) headers.set("Content-Security-Policy", await policyOf(new URL(request.url)));
  const hasBody = ![101, 204, 205, 304].includes(response.status);
  return new Response(hasBody ? response.body : null, {
    status: response.status,
    statusText: response.statusText,
    headers,
  });
}

async function policyOf(address) {
  if (!address.pathname.endsWith(CONNECTION)) return BUILD.workerPolicy;
  const origin = address.searchParams.get("to") ?? "";
  // Nothing that could be another source, or another directive, passes.
  const isOrigin = /^(wss?|https?):\/\/[^\s;,'*/?#]+$/.test(origin) && new URL(origin).origin === origin;
  const isAllowed = isOrigin && (await caches.match(`${SCOPE}allowed/${encodeURIComponent(origin)}`, { cacheName: ALLOWED }));
  return isAllowed ? `default-src 'none'; script-src 'self'; connect-src ${origin}` : BUILD.workerPolicy;
}
