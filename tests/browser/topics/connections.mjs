// Streams from WebSockets and server-sent events: who may connect, and what happens when a connection is lost.
import assert from 'node:assert/strict';

import { Int32, MessageReader, TimestampMillisecond, tableFromArrays, tableToIPC, vectorFromArray } from 'apache-arrow';

import { App } from '../app.mjs';
import { live } from '../live.mjs';

const START = Date.UTC(2024, 0, 1);
const record = (number) => JSON.stringify({ ts: new Date(START + number * 1e3).toISOString(), n: number });

export default async function connections(t, { browser, site }) {
  const server = await live();
  const app = await App.ready(browser, `${site.origin}/`);
  const { page } = app;
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => {}));
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);

  const start = (kind, url) => page.evaluate(([kind, url]) => {
    window.stream = millrace.stream('SELECT n FROM t', { sources: [{ table: 't', kind, url }] });
    window.outcome = null;
    stream.ended.then(() => (outcome = 'ended'), ({ message, hint }) => (outcome = { message, hint }));
  }, [kind, url]);
  const until = async (holds) => {
    const end = Date.now() + 20_000;
    while (!(await holds())) {
      if (Date.now() > end) throw new Error(`it did not come true: ${holds}; ${JSON.stringify(await page.evaluate(() => [outcome, stream.status()]))}`);
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  };
  const rows = async () => (await page.evaluate(() => stream.rows().then(({ rows }) => rows.map(([n]) => Number(n)), () => [])));
  const rowsIn = () => page.evaluate(() => stream.status().rowsIn);

  await t.test('an address that was not allowed is not connected to', async () => {
    for (const [kind, url] of [['socket', server.socketUrl], ['events', server.eventsUrl]]) {
      await start(kind, url);
      await page.waitForFunction(() => outcome !== null);
      const failure = await page.evaluate(() => outcome);
      assert.match(failure.message, /may not connect to 127\.0\.0\.1/);
      assert.match(failure.hint, /Allow connections/);
    }
    assert.equal(server.asked, 0);
    app.errors = app.errors.filter((error) => !/Content Security Policy/i.test(error));
  });

  for (const [kind, url] of [['socket', server.socketUrl], ['events', server.eventsUrl]]) {
    await t.test(`${kind}: rows come, the connection is lost and made again`, async () => {
      await page.evaluate((url) => millrace.allowConnections(url), url);
      await start(kind, url);
      await until(() => server.connected === 1);
      server.send(record(0));
      server.send(`${record(1)}\n${record(2)}`);
      await until(async () => (await rowsIn()) === 3);
      server.send(record(3));
      await until(async () => (await rows()).length === 4);
      server.drop();
      await until(async () => (await page.evaluate(() => stream.status().notices)).some((notice) => /was lost/.test(notice)));
      await until(() => server.connected === 1);
      server.send(record(4));
      await until(async () => (await rows()).length === 5);
      assert.deepEqual(await rows(), [0, 1, 2, 3, 4]);
      server.send('this is no record');
      server.send(record(5));
      await until(async () => (await rowsIn()) >= 6);
      const status = await page.evaluate(() => stream.status());
      assert.ok(status.badRows >= 1, JSON.stringify(status));
      assert.ok(status.notices.some((notice) => /missing|not in the result|connected again/.test(notice)), status.notices.join('\n'));
      await page.evaluate(() => stream.stop());
      await until(() => server.connected === 0);
    });
  }

  await t.test('numbered events come once each, however often the connection is lost', async () => {
    await page.evaluate((url) => millrace.allowConnections(url), server.numberedUrl);
    await start('events', server.numberedUrl);
    await until(() => server.connected === 1);
    const count = 300;
    for (let number = 0; number < count; number += 1) {
      server.tell(record(number));
      if (number % 60 === 59) server.drop();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await until(async () => (await rows()).length >= count);
    assert.deepEqual(await rows(), Array.from({ length: count }, (_, index) => index));
    const { notices } = await page.evaluate(() => stream.status());
    assert.ok(notices.some((notice) => /asked for the events since the last one/.test(notice)), notices.join('\n'));
    assert.ok(!notices.some((notice) => /not in the result/.test(notice)), notices.join('\n'));
    await page.evaluate(() => stream.stop());
    await until(() => server.connected === 0);
  });

  await t.test('messages of Arrow IPC are rows, and what is none is told', async () => {
    const sql = "SELECT n, k FROM t";
    const begin = async () => {
      await page.evaluate(([url, sql]) => {
        window.stream = millrace.stream(sql, { sources: [{ table: 't', kind: 'socket', url }] });
        window.outcome = null;
        stream.ended.then(() => (outcome = 'ended'), ({ message, hint }) => (outcome = { message, hint }));
      }, [server.socketUrl, sql]);
      await until(() => server.connected === 1);
    };
    const end = async () => {
      await page.evaluate(() => stream.stop().catch(() => {}));
      await until(() => server.connected === 0);
    };
    await begin();
    // Each message a stream of its own, whose texts are dictionaries.
    server.send(ipc(0, 3));
    server.send(ipc(3, 5));
    await until(async () => (await rowsIn()) === 5);
    server.send('this is text');
    server.send(Buffer.from([0xff, 0xff, 0xff, 0xff, 9, 0, 0, 0, 1, 2, 3]));
    server.send(ipc(0, 2).subarray(0, 100));
    server.send(ipc(5, 7));
    await until(async () => (await rowsIn()) === 7);
    await until(async () => (await rows()).length === 7);
    assert.deepEqual(await rows(), [0, 1, 2, 3, 4, 5, 6]);
    const { badRows, badRowList } = await page.evaluate(() => stream.status());
    assert.equal(badRows, 3, JSON.stringify(badRowList));
    assert.deepEqual(badRowList.map(({ line }) => line), [3, 4, 5]);
    assert.match(badRowList[0].reason, /it is text/);
    assert.match(badRowList[1].reason, /cut off/);
    assert.equal(badRowList[1].text, 'ff ff ff ff 09 00 00 00 01 02 03');
    assert.match(badRowList[2].reason, /cut off/);
    await end();

    // The schema first, and then batches.
    await begin();
    for (const piece of pieces(0, 40)) server.send(piece);
    await until(async () => (await rows()).length === 40);
    assert.deepEqual(await rows(), Array.from({ length: 40 }, (_, index) => index));
    await end();

    await begin();
    server.send(pieces(0, 4).at(-1));
    await page.waitForFunction(() => outcome !== null);
    const failure = await page.evaluate(() => outcome);
    assert.match(failure.message, /begins with rows and not with a schema/);
    await until(() => server.connected === 0);
    await begin();
    server.send(Buffer.from([0x80, 0x81, 0x82, 0x83, 0x84]));
    await page.waitForFunction(() => outcome !== null);
    assert.match((await page.evaluate(() => outcome)).message, /neither text in UTF-8 nor Arrow IPC/);
    await until(() => server.connected === 0);
  });

  await t.test('the page and the engine cannot connect, whatever was allowed', async () => {
    const asked = server.asked;
    const refused = await page.evaluate((url) => fetch(url).then(() => 'connected', ({ name }) => name), server.eventsUrl);
    assert.equal(refused, 'TypeError');
    assert.equal(server.asked, asked);
    app.errors = app.errors.filter((error) => !/Content Security Policy|Refused to connect|violates/i.test(error));
  });

  await t.test('a server that is away is tried again, and one that sends no events is told about', async () => {
    server.refuse(true);
    await start('socket', server.socketUrl);
    await until(async () => (await page.evaluate(() => stream.status().notices)).some((notice) => /cannot be reached/.test(notice)));
    server.refuse(false);
    await until(() => server.connected === 1);
    server.send(record(0));
    await until(async () => (await rowsIn()) === 1);
    await page.evaluate(() => stream.stop());
    await start('events', server.plainUrl);
    await until(async () => (await page.evaluate(() => stream.status().notices)).some((notice) => /no stream of events/.test(notice)));
    await page.evaluate(() => stream.stop().catch(() => {}));
    app.errors = app.errors.filter((error) => !/WebSocket|EventSource/.test(error));
  });

  await t.test('what was allowed can be forbidden again', async () => {
    await page.evaluate((url) => millrace.allowConnections(url, false), server.socketUrl);
    await start('socket', server.socketUrl);
    await page.waitForFunction(() => outcome !== null);
    assert.match((await page.evaluate(() => outcome)).message, /may not connect/);
    app.errors = app.errors.filter((error) => !/Content Security Policy|violates/i.test(error));
  });

  await t.test('nothing else of all this was an error of the page', () => assert.deepEqual(app.errors, []));
  await app.close();
  await server.close();
}

/** Rows with these numbers, a second apart. */
function table(from, to) {
  const numbers = Array.from({ length: to - from }, (_, index) => from + index);
  return tableFromArrays({
    ts: vectorFromArray(numbers.map((number) => START + number * 1e3), new TimestampMillisecond()),
    n: vectorFromArray(numbers, new Int32()),
    k: numbers.map((number) => `k${number % 3}`),
  });
}

/** A stream of Arrow IPC with these rows. */
const ipc = (from, to) => Buffer.from(tableToIPC(table(from, to), 'stream'));

/** The same as messages: first the schema, the last one rows alone. */
function pieces(from, to) {
  const bytes = ipc(from, to);
  const reader = new MessageReader(bytes);
  const found = [];
  for (let at = 0, message; (message = reader.readMessage()); ) {
    reader.readMessageBody(message.bodyLength);
    // A mark, the length of the metadata, the metadata, and the body.
    const end = at + 8 + bytes.readInt32LE(at + 4) + Number(message.bodyLength);
    found.push(bytes.subarray(at, end));
    at = end;
  }
  return found;
}
