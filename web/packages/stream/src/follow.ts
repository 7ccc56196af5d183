import { AwayError, ProblemError } from './relay';
import { SseParser } from './sse';
import type { Frame } from './wire';

/**
 * Follows one chat's stream for as long as the page wants, over any number of responses.
 *
 * Every frame that is in the log arrives once and in order, whatever breaks in between: the cursor
 * moves with each frame, a repeated one is dropped, a missing one makes the reader go back. Knows
 * nothing of messages.
 */

export interface FollowOptions {
  /** Opens the stream after the cursor; null: the turn in flight from its first frame. */
  open(cursor: string | null, signal: AbortSignal): Promise<Response>;
  /** A frame of the log, or one without a cursor (`data-relay-status`). */
  frame(frame: Frame, cursor: string | null): void;
  /** Connected, or not and when the next try comes (ms from now). */
  connection?(state: 'live' | 'away', retryMs?: number): void;
  /**
   * The log cannot be followed from here: the chat is idle (204, there was no cursor) or the cursor is
   * no longer retained (410). Reload the messages and return the cursor from which to go on.
   */
  reload(): Promise<string | null>;
  /** The end of all tries: the session is over, the chat is gone. */
  lost(error: ProblemError): void;
  /** Tests make these shorter. Milliseconds. */
  timing?: Partial<Timing>;
}

interface Timing {
  /** Without a byte for this long the connection is dead; the relay pings every 12 s. */
  deadMs: number;
  /** After this long without a byte a page that comes back does not wait for `deadMs`. */
  staleMs: number;
  firstBackoffMs: number;
  lastBackoffMs: number;
}

const TIMING: Timing = { deadMs: 35_000, staleMs: 14_000, firstBackoffMs: 500, lastBackoffMs: 15_000 };

/** A running reader. */
export interface Follower {
  /** Reads nothing more. */
  stop(): void;
  /** The page has come back (visible, online, restored): try now instead of later. */
  nudge(): void;
}

/** Begins after the cursor; see [FollowOptions.open] for null. */
export function follow(start: string | null, options: FollowOptions): Follower {
  const timing = { ...TIMING, ...options.timing };
  const over = new AbortController();
  let cursor = start;
  let failures = 0;
  let connection: AbortController | null = null;
  let lastByte = 0;
  let wake: (() => void) | null = null;
  let gapAt: string | null = null;

  /** False: a frame is missing before this one. */
  function take(data: string, id: string | undefined): boolean {
    const frame = JSON.parse(data) as Frame;
    if (id === undefined) {
      options.frame(frame, null);
      return true;
    }
    const next = position(id);
    const last = cursor === null || cursor === '0' ? null : position(cursor);
    if (last !== null && next.epoch === last.epoch) {
      if (next.seq <= last.seq) return true;
      if (next.seq > last.seq + 1) return false;
    } else if (last !== null) return false;
    cursor = id;
    gapAt = null;
    failures = 0;
    options.frame(frame, id);
    return true;
  }

  async function read(body: ReadableStream<Uint8Array>, signal: AbortSignal): Promise<'done' | 'cut' | 'gap'> {
    const parser = new SseParser();
    const reader = body.getReader();
    const drop = () => void reader.cancel().catch(() => {});
    signal.addEventListener('abort', drop);
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done || signal.aborted) return 'cut';
        lastByte = Date.now();
        for (const event of parser.feed(value)) {
          if (event.data === '[DONE]') return 'done';
          if (signal.aborted) return 'cut';
          if (!take(event.data, event.id)) return 'gap';
        }
      }
    } catch {
      return 'cut';
    } finally {
      signal.removeEventListener('abort', drop);
      drop();
    }
  }

  async function once(): Promise<void> {
    const current = new AbortController();
    connection = current;
    const cut = () => current.abort();
    over.signal.addEventListener('abort', cut);
    lastByte = Date.now();
    const watch = setInterval(() => {
      if (Date.now() - lastByte > timing.deadMs) cut();
    }, Math.min(1_000, timing.deadMs / 4));
    try {
      const response = await options.open(cursor, current.signal);
      if (over.signal.aborted) return;
      if (response.status === 204 || response.body === null) {
        cursor = await options.reload();
        // Idle for the stream, in flight for the chat: between two moments. Not in a tight loop.
        if (cursor === null) throw new AwayError('between two turns');
        return;
      }
      options.connection?.('live');
      const opened = Date.now();
      const end = await read(response.body, current.signal);
      if (end === 'gap') {
        // Once from where we stand; if it is missing there too, the log has another history.
        if (gapAt === cursor) cursor = await options.reload();
        gapAt = cursor;
      } else if (end === 'cut') {
        if (Date.now() - opened < 1_000) throw new AwayError('cut at once');
        failures = 0;
      }
    } finally {
      clearInterval(watch);
      over.signal.removeEventListener('abort', cut);
      connection = null;
    }
  }

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async function run(): Promise<void> {
    while (!over.signal.aborted) {
      try {
        await once();
      } catch (error) {
        if (over.signal.aborted) return;
        let wait = 0;
        if (error instanceof ProblemError && !error.passing) {
          if (error.status !== 410) {
            options.lost(error);
            return;
          }
          try {
            cursor = await options.reload();
            continue;
          } catch (again) {
            if (again instanceof ProblemError && !again.passing) {
              options.lost(again);
              return;
            }
          }
        } else if (error instanceof ProblemError) wait = (error.retryAfter ?? 0) * 1_000;
        failures++;
        const backoff = Math.min(timing.lastBackoffMs, timing.firstBackoffMs * 2 ** (failures - 1));
        wait = Math.max(wait, backoff * (0.5 + Math.random() / 2));
        options.connection?.('away', wait);
        await pause(wait);
        wake = null;
      }
    }
  }

  void run();
  return {
    stop: () => {
      over.abort();
      wake?.();
    },
    nudge: () => {
      wake?.();
      if (connection !== null && Date.now() - lastByte > timing.staleMs) connection.abort();
    },
  };
}

interface Position {
  epoch: string;
  seq: number;
}

function position(cursor: string): Position {
  const colon = cursor.indexOf(':');
  return { epoch: cursor.slice(0, colon), seq: Number(cursor.slice(colon + 1)) };
}
