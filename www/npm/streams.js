// What streams need of the browser beside the engine: handles of files and folders that grow, what is kept of streams for the
// next visit, and the addresses that the user allowed.

const DATABASE = "millrace-streams";
const STORE = "kept";
// The service worker reads this (www/isolation-sw.js).
const ALLOWED = "allowed-connections";
const CONTROL_MILLIS = 5000;

// Whether the browser can give handles of files.
export const canFollow = () => "showOpenFilePicker" in window;

// Lets the user choose a file. Gives its handle, or null when none was chosen.
export const pickFile = () => picked(async () => (await window.showOpenFilePicker())[0]);

// The same of a folder.
export const pickFolder = () => picked(() => window.showDirectoryPicker({ id: "streams" }));

async function picked(pick) {
  try {
    return await pick();
  } catch (error) {
    if (error.name === "AbortError") return null;
    throw error;
  }
}

// Whether all of the files and folders may be read; asks the user where the browser wants that.
export async function mayRead(handles) {
  for (const handle of handles) {
    // Files of the browser's own need no permission.
    if (!handle.queryPermission) continue;
    if ((await handle.queryPermission({ mode: "read" })) === "granted") continue;
    if ((await handle.requestPermission({ mode: "read" })) !== "granted") return false;
  }
  return true;
}

// Keeps what a stream was started with, under the name of its checkpoints.
export async function keep(name, spec, handles) {
  await stored("readwrite", (store) => store.put({ name, spec, handles, millis: Date.now() }));
}

// Everything that is kept, the newest first, as {name, spec, handles, millis}.
export async function kept() {
  const all = await stored("readonly", (store) => store.getAll());
  return all.sort((a, b) => b.millis - a.millis);
}

export async function drop(name) {
  await stored("readwrite", (store) => store.delete(name));
}

// Whether connections to the origin of an address are allowed. Throws when it is no address.
export async function isAllowed(url) {
  const cache = await caches.open(ALLOWED);
  return (await cache.match(keyOf(new URL(url).origin))) !== undefined;
}

// Allows connections to the origin of an address, from the worker that is made for it alone, and waits until the
// service worker, which gives that worker its policy, is there.
export async function allow(url) {
  const cache = await caches.open(ALLOWED);
  await cache.put(keyOf(new URL(url).origin), new Response(""));
  if (!("serviceWorker" in navigator)) return;
  const end = performance.now() + CONTROL_MILLIS;
  while (!navigator.serviceWorker.controller && performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

// Forbids them again.
export async function forbid(url) {
  const cache = await caches.open(ALLOWED);
  await cache.delete(keyOf(new URL(url).origin));
}

const keyOf = (origin) => new URL(`allowed/${encodeURIComponent(origin)}`, new URL("./", location.href)).href;

function stored(mode, request) {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE, { keyPath: "name" });
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const database = opening.result;
      const asked = request(database.transaction(STORE, mode).objectStore(STORE));
      asked.onerror = () => reject(asked.error);
      asked.onsuccess = () => {
        resolve(asked.result);
        database.close();
      };
    };
  });
}
