// What keeping and sharing of work needs of the browser: a store, files by their handles, and texts packed for
// links.

import { createStore, del, entries, set } from "idb-keyval";

// More than any recipe unpacks to; what goes on for longer was made to fill the memory.
const MOST_BYTES = 4_000_000;

// Opened when it is first used, since a browser that keeps nothing refuses.
let opened;
const store = () => (opened ??= createStore("millrace-recipes", "kept"));

// Keeps a recipe under an id: its text, its title and the handles of its files as [{name, size, handle}].
export async function keep(id, title, text, handles) {
  const record = { title, text, millis: Date.now() };
  try {
    await set(id, { ...record, handles }, store());
  } catch (error) {
    // Handles that cannot be kept are no reason to lose the rest.
    if (error.name !== "DataCloneError") throw error;
    await set(id, { ...record, handles: [] }, store());
  }
}

// All that is kept as {id, title, text, millis, handles}, the newest first.
export async function kept() {
  const all = (await entries(store())).map(([id, record]) => ({ id, ...record }));
  return all.sort((a, b) => b.millis - a.millis);
}

export async function drop(id) {
  await del(id, store());
}

// Whether the browser lets a person choose files in a way that gives lasting handles of them.
export const canPick = () => "showOpenFilePicker" in window;

// Handles of the files that a person chooses; none when the person thinks better of it.
export async function pick() {
  try {
    return await window.showOpenFilePicker({ multiple: true });
  } catch (error) {
    if (error.name === "AbortError") return [];
    throw error;
  }
}

// The files of handles, without those that are gone or may not be read. Asks the person for permission where the
// browser wants that, so it has to be called for a click.
export async function filesOf(handles) {
  const files = [];
  for (const handle of handles) {
    try {
      // Files of the browser's own need no permission.
      const asked = handle.queryPermission !== undefined;
      if (asked && (await handle.queryPermission({ mode: "read" })) !== "granted") {
        if ((await handle.requestPermission({ mode: "read" })) !== "granted") continue;
      }
      files.push(await handle.getFile());
    } catch (error) {
      console.warn("millrace: a file cannot be opened again", error);
    }
  }
  return files;
}

// A text as part of an address: deflated, in the letters of base64 for addresses (RFC 4648, section 5).
export async function pack(text) {
  const packed = await through(new CompressionStream("deflate-raw"), new TextEncoder().encode(text), Infinity);
  let letters = "";
  for (const byte of packed) letters += String.fromCharCode(byte);
  return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

// The text that was packed. Throws when a part of it is missing or changed.
export async function unpack(packed) {
  const letters = atob(packed.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
  const text = await through(new DecompressionStream("deflate-raw"), bytes, MOST_BYTES);
  return new TextDecoder("utf-8", { fatal: true }).decode(text);
}

async function through(stream, bytes, most) {
  const writer = stream.writable.getWriter();
  // What is wrong with the bytes is told by the reading end as well.
  const written = writer.write(bytes).then(() => writer.close()).catch(() => {});
  const pieces = [];
  let length = 0;
  for (const reader = stream.readable.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > most) throw new RangeError("it is longer than any recipe");
    pieces.push(value);
  }
  await written;
  return new Uint8Array(await new Blob(pieces).arrayBuffer());
}
