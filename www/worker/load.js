// Fetches and compiles the engine while it arrives.

const REPORT_EVERY_MILLIS = 50;

// Compiles the wasm file at `url`, or its gzip-compressed form beside it when there is one, and calls
// `report(stage, loadedBytes, totalBytes)` with what has arrived.
export async function compile(url, report) {
  let response = await fetch(`${url}.gz`);
  if (!response.ok) response = await fetch(url);
  if (!response.ok) throw new Error(`${url.pathname} answered ${response.status}`);

  const total = Number(response.headers.get('content-length')) || 0;
  let loaded = 0;
  let reported = -Infinity;
  const counted = response.body.pipeThrough(
    new TransformStream({
      transform(chunk, controller) {
        loaded += chunk.length;
        controller.enqueue(chunk);
        const now = performance.now();
        if (now - reported < REPORT_EVERY_MILLIS) return;
        reported = now;
        report('download', loaded, Math.max(loaded, total));
      },
      flush() {
        report('compile', loaded, loaded);
      },
    }),
  );
  const headers = { 'content-type': 'application/wasm' };
  return WebAssembly.compileStreaming(new Response(await decompressed(counted), { headers }));
}

// Some servers announce `.gz` files as encoded, and the browser has then decompressed them: only the
// first bytes tell.
async function decompressed(stream) {
  const reader = stream.getReader();
  const first = await reader.read();
  const isGzip = !first.done && first.value[0] === 0x1f && first.value[1] === 0x8b;
  const whole = new ReadableStream({
    start(controller) {
      if (!first.done) controller.enqueue(first.value);
    },
    async pull(controller) {
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
  return isGzip ? whole.pipeThrough(new DecompressionStream('gzip')) : whole;
}
