import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { follow, type Follower } from './follow';
import { ProblemError, Relay } from './relay';
import type { Frame } from './wire';

/** A log over real HTTP that can be told to misbehave. */
class Log {
  frames: Frame[] = [];
  epoch = 'e1';
  requests: string[] = [];
  /** Decides about each request; null: behave. */
  misbehave: ((request: number, bytes: Buffer, response: ServerResponse) => boolean) | null = null;
  #server: Server | null = null;

  async listen(): Promise<string> {
    const server = createServer((request, response) => this.#answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.#server = server;
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server?.closeAllConnections();
    this.#server?.close();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '', 'http://x');
    const after = url.searchParams.get('after');
    this.requests.push(after ?? '');
    if (after === null && this.frames.length === 0) {
      response.writeHead(204).end();
      return;
    }
    const [epoch, seq] = (after ?? `${this.epoch}:0`).split(':');
    if (epoch !== this.epoch) {
      response.writeHead(410, { 'content-type': 'application/problem+json' });
      response.end(JSON.stringify({ code: 'cursor_expired', title: 'gone' }));
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    let text = 'retry: 3000\n\n';
    for (let at = Number(seq); at < this.frames.length; at++) {
      const frame = this.frames[at] as Frame;
      text += `id: ${this.epoch}:${at + 1}\ndata: ${JSON.stringify(frame)}\n\n`;
      if (frame.type === 'finish') {
        text += 'data: [DONE]\n\n';
        break;
      }
    }
    const bytes = Buffer.from(text);
    if (this.misbehave?.(this.requests.length, bytes, response)) return;
    response.write(bytes);
    if (text.endsWith('[DONE]\n\n')) response.end();
  }
}

let log: Log;
let follower: Follower | null = null;
afterEach(() => {
  follower?.stop();
  log.close();
});

function answer(words: string[]): Frame[] {
  return [
    { type: 'start', messageId: 'm' },
    { type: 'text-start', id: 't' },
    ...words.map((delta): Frame => ({ type: 'text-delta', id: 't', delta })),
    { type: 'text-end', id: 't' },
    { type: 'finish' },
  ];
}

/** Follows until `last` has come, then returns what came. */
async function collect(base: string, start: string | null, last: number, reloads: (string | null)[] = []) {
  const relay = new Relay(base, { token: async () => 't', renew: async () => 't' });
  const seen: { frame: Frame; cursor: string | null }[] = [];
  const away: number[] = [];
  let lost: ProblemError | null = null;
  let reloaded = 0;
  await new Promise<void>((resolve) => {
    follower = follow(start, {
      open: (cursor, signal) => relay.stream('c', cursor, signal),
      frame: (frame, cursor) => {
        seen.push({ frame, cursor });
        if (cursor?.endsWith(`:${last}`)) resolve();
      },
      connection: (state, ms) => state === 'away' && away.push(ms ?? 0),
      reload: async () => {
        reloaded++;
        return reloads.shift() ?? null;
      },
      lost: (error) => {
        lost = error;
        resolve();
      },
      timing: { deadMs: 150, staleMs: 50, firstBackoffMs: 1, lastBackoffMs: 4 },
    });
  });
  return { seen, away, lost: lost as ProblemError | null, reloaded };
}

const words = Array.from({ length: 60 }, (_, at) => `wört ${at} 🌿 "\\n" `);

test('200 random cuts at any byte: the exact text, no repeat, no gap', async () => {
  log = new Log();
  log.frames = answer(words);
  const base = await log.listen();
  const seed = Number(process.env['SEED'] ?? Date.now() % 100_000);
  let state = seed;
  const random = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  for (let round = 0; round < 200; round++) {
    log.requests = [];
    const cuts = 1 + Math.floor(random() * 3);
    log.misbehave = (request, bytes, response) => {
      if (request > cuts) return false;
      response.write(bytes.subarray(0, Math.floor(random() * bytes.length)), () => response.destroy());
      return true;
    };
    const { seen } = await collect(base, 'e1:0', log.frames.length);
    follower?.stop();
    expect(seen.map((s) => s.cursor), `seed ${seed}, round ${round}`).toEqual(
      log.frames.map((_, at) => `e1:${at + 1}`),
    );
    expect(seen.map((s) => s.frame), `seed ${seed}, round ${round}`).toEqual(log.frames);
  }
});

test('frames that come again are dropped', async () => {
  log = new Log();
  log.frames = answer(['a', 'b']);
  const base = await log.listen();
  log.misbehave = (request, bytes, response) => {
    if (request > 1) return false;
    // From the beginning, although the reader asked for what follows 2, and twice.
    const all = log.frames.map((frame, at) => `id: e1:${at + 1}\ndata: ${JSON.stringify(frame)}\n\n`).join('');
    response.end(all.slice(0, all.indexOf('id: e1:5')) + all + bytes.toString());
    return true;
  };
  const { seen } = await collect(base, 'e1:2', 6);
  expect(seen.map((s) => s.cursor)).toEqual(['e1:3', 'e1:4', 'e1:5', 'e1:6']);
});

test('a missing frame is fetched, not skipped', async () => {
  log = new Log();
  log.frames = answer(['a', 'b']);
  const base = await log.listen();
  log.misbehave = (request, bytes, response) => {
    if (request > 1) return false;
    response.write(bytes.toString().replace(/id: e1:3\n.*\n\n/, ''));
    return true;
  };
  const { seen, reloaded } = await collect(base, 'e1:0', 6);
  expect(seen.map((s) => s.cursor)).toEqual(['e1:1', 'e1:2', 'e1:3', 'e1:4', 'e1:5', 'e1:6']);
  expect(log.requests.slice(0, 2)).toEqual(['e1:0', 'e1:2']);
  expect(reloaded).toBe(0);
});

test('a silent connection is given up and resumed', async () => {
  log = new Log();
  log.frames = answer(['a', 'b']);
  const base = await log.listen();
  log.misbehave = (request, bytes, response) => {
    if (request > 1) return false;
    response.write(bytes.subarray(0, bytes.indexOf('id: e1:4')));
    return true;
  };
  const { seen } = await collect(base, 'e1:0', 6);
  expect(seen.length).toBe(6);
  expect(log.requests.slice(0, 2)).toEqual(['e1:0', 'e1:3']);
});

test('one answer a response: the reader comes back after each', async () => {
  log = new Log();
  log.frames = [...answer(['a']), ...answer(['b'])];
  const base = await log.listen();
  const { seen } = await collect(base, 'e1:0', 10);
  expect(seen.length).toBe(10);
  expect(log.requests.slice(0, 2)).toEqual(['e1:0', 'e1:5']);
});

test('410: reloads and goes on from the new cursor', async () => {
  log = new Log();
  log.frames = answer(['a']);
  log.epoch = 'e2';
  const base = await log.listen();
  const { seen, reloaded } = await collect(base, 'e1:3', 5, ['e2:2']);
  expect(reloaded).toBe(1);
  expect(seen.map((s) => s.cursor)).toEqual(['e2:3', 'e2:4', 'e2:5']);
});

test('204: reloads and follows from where the chat stands', async () => {
  log = new Log();
  const base = await log.listen();
  const done = collect(base, null, 5, ['e1:0']);
  log.frames = answer(['a']);
  expect((await done).seen.length).toBe(5);
});

test('errors of the server are waited out, longer each time; the relay may say how long', async () => {
  log = new Log();
  log.frames = answer(['a']);
  const base = await log.listen();
  log.misbehave = (request, _bytes, response) => {
    if (request > 4) return false;
    response.destroy();
    return true;
  };
  const { away, seen } = await collect(base, 'e1:0', 5);
  expect(away.length).toBe(4);
  expect(away.every((ms) => ms >= 0.5 && ms <= 4)).toBe(true);
  expect(seen.length).toBe(5);
});

test('a chat that is gone ends the reader', async () => {
  log = new Log();
  const base = await log.listen();
  const relay = new Relay(base, { token: async () => 't', renew: async () => 't' });
  const lost = await new Promise<ProblemError>((resolve) => {
    follower = follow('e1:0', {
      open: async () => {
        throw new ProblemError({ status: 404, code: 'not_found' });
      },
      frame: () => {},
      reload: async () => null,
      lost: resolve,
    });
  });
  expect(lost.code).toBe('not_found');
  expect(relay).toBeDefined();
});
