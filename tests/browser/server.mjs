// A small static file server for tests: several folders under their own prefixes, with or without the
// headers that isolate a page from other origins.
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';

const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.csv': 'text/csv; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

const packed = new Map();
const compress = promisify(brotliCompress);

/** A file as brotli, packed once. */
async function brotli(file) {
  if (!packed.has(file)) {
    packed.set(file, await compress(await readFile(file), { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }));
  }
  return packed.get(file);
}

/**
 * Serves folders on a free port of the loopback interface.
 *
 * @param {Record<string, string>} mounts folder for each path prefix; prefixes begin and end with a slash
 * @param {{isolated?: boolean, compressed?: boolean}} [options] `isolated`: send the headers that make pages cross-origin
 *   isolated; `compressed`: send texts and wasm with brotli, as most hosts do
 * @returns {Promise<{origin: string, requests: {path: string, status: number}[], close: () => Promise<void>}>}
 */
export async function serve(mounts, { isolated = true, compressed = false } = {}) {
  const prefixes = Object.keys(mounts).sort((a, b) => b.length - a.length);
  const requests = [];
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
    const answer = (status, headers = {}) => {
      requests.push({ path, status });
      const isolation = isolated && {
        'Cross-Origin-Opener-Policy': 'same-origin',
        'Cross-Origin-Embedder-Policy': 'require-corp',
        'Cross-Origin-Resource-Policy': 'same-origin',
      };
      response.writeHead(status, { 'Cache-Control': 'no-cache', ...isolation, ...headers });
    };
    try {
      const prefix = prefixes.find((prefix) => path.startsWith(prefix));
      if (prefix === undefined || path.split(/[/\\]/).includes('..')) throw new Error('no such folder');
      let file = join(mounts[prefix], normalize(path.slice(prefix.length)));
      if (path.endsWith('/')) file = join(file, 'index.html');
      if (!file.startsWith(join(mounts[prefix], sep))) throw new Error('outside of the folder');
      const { size } = await stat(file);
      const type = TYPES[extname(file)] ?? 'application/octet-stream';
      if (compressed && /text|json|svg|wasm/.test(type)) {
        const packed = await brotli(file);
        answer(200, { 'Content-Length': packed.length, 'Content-Type': type, 'Content-Encoding': 'br' });
        response.end(request.method === 'HEAD' ? undefined : packed);
        return;
      }
      answer(200, { 'Content-Length': size, 'Content-Type': type });
      if (request.method === 'HEAD') response.end();
      else createReadStream(file).pipe(response);
    } catch {
      answer(404, { 'Content-Type': 'text/plain' });
      response.end('not found');
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    requests,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
