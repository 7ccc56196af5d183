import { AwayError, ProblemError, Relay, type Credentials, type SessionGrant } from '@tendril/stream';
import { Kept, randomId } from './kept';

/**
 * The visitor's session in this tab, shared with the other tabs of the same browser.
 *
 * The token lives in memory; the refresh secret, which survives a reload, in `sessionStorage`. A
 * refresh secret is good for one use, and a second use ends the session: so tabs that share one
 * refresh one after the other (a Web Lock), and each new grant is told to the others
 * (a BroadcastChannel) before the lock is let go. A reload takes the token along (`pagehide`), so that
 * a reader who reloads twice in a row spends no secret whose successor would never arrive.
 */

interface Held {
  /** Names the session among tabs; made here, unknown to the relay. */
  id: string;
  /** Counts the grants: the higher one is the newer. */
  turn: number;
  grant: SessionGrant;
}

type Told =
  | { type: 'ask'; id: string | null }
  | { type: 'held'; held: Held }
  | { type: 'ended'; id: string };

/** Renew this long before the token ends. Milliseconds. */
const EARLY_MS = 30_000;
/** How long another tab may take to answer. Milliseconds. */
const ASK_MS = 250;

export class Session implements Credentials {
  readonly #base: string;
  readonly #relay: Relay;
  readonly #site: string;
  readonly #kept: Kept;
  readonly #channel: BroadcastChannel | null;
  readonly #onEnd: () => void;
  #held: Held | null = null;
  #renewing: Promise<string> | null = null;
  /** The lock that shows this tab to the others. */
  readonly #mark: string;
  #presence: AbortController | null = null;

  /** `onEnd` is called when the session ends other than by [end]. */
  constructor(base: string, site: string, kept: Kept, onEnd: () => void) {
    this.#base = base;
    this.#relay = new Relay(base);
    this.#site = site;
    this.#kept = kept;
    this.#mark = `tendril:${site}:${randomId()}`;
    this.#onEnd = onEnd;
    this.#channel = typeof BroadcastChannel === 'function' ? new BroadcastChannel(`tendril:${site}`) : null;
    this.#channel?.addEventListener('message', (event: MessageEvent<Told>) => this.#hear(event.data));
    addEventListener('pagehide', () => {
      const held = this.#held;
      if (held) kept.set('token', JSON.stringify({ turn: held.turn, token: held.grant.token, expiresAt: held.grant.expiresAt }));
    });
    addEventListener('pageshow', () => kept.set('token', null));
  }

  get open(): boolean {
    return this.#held !== null;
  }

  /** Signs in. Throws what [Relay.openSession] throws. */
  async enter(code: string, consent?: number): Promise<void> {
    const relay = this.#relay;
    const site = this.#site;
    const grant = await relay.openSession(site, code, consent).catch(async (error: unknown) => {
      if ((error as ProblemError).code !== 'captcha_required') throw error;
      const { answer } = await import('./solver');
      return relay.openSession(site, code, consent, await answer(await relay.open('POST', '/api/v1/captcha', { site }), this.#base));
    });
    this.#hold({ id: randomId(), turn: 1, grant });
  }

  /** Takes up the session of before the reload (`own`), or of another tab (`shared`). */
  async resume(): Promise<'own' | 'shared' | null> {
    const stored = parse<Held>(this.#kept.get('session'));
    const carried = parse<{ turn: number; token: string; expiresAt: string }>(this.#kept.get('token'));
    this.#kept.set('token', null);
    if (stored) {
      this.#held = stored;
      if (carried?.turn === stored.turn) {
        stored.grant.token = carried.token;
        stored.grant.expiresAt = carried.expiresAt;
      }
      this.#appear();
      return 'own';
    }
    if (!(await this.#othersOpen())) return null;
    const theirs = await this.#ask(null, 0);
    if (theirs) this.#hold(theirs, false);
    return theirs === null ? null : 'shared';
  }

  async token(): Promise<string> {
    const grant = this.#held?.grant;
    if (!grant) throw ended();
    return fresh(grant) ? grant.token : this.renew(grant.token);
  }

  renew(refused: string): Promise<string> {
    this.#renewing ??= this.#renew(refused).finally(() => {
      this.#renewing = null;
    });
    return this.#renewing;
  }

  /** Leaves, here and in the other tabs; the relay is told while the page can still tell it. */
  async end(): Promise<void> {
    const held = this.#held;
    if (!held) return;
    try {
      await new Relay(this.#base, { token: () => this.token(), renew: async () => '' }).endSession();
    } catch (error) {
      // A session that is over already is over; one that cannot be told ends by itself.
      if (!(error instanceof ProblemError || error instanceof AwayError)) throw error;
    }
    this.#channel?.postMessage({ type: 'ended', id: held.id } satisfies Told);
    this.#forget();
  }

  async #renew(refused: string): Promise<string> {
    const id = this.#held?.id;
    if (id === undefined) throw ended();
    return exclusive(`tendril-refresh:${id}`, async () => {
      let held = this.#held;
      if (!held) throw ended();
      // Another tab was faster while this one waited for the lock.
      if (held.grant.token !== refused && fresh(held.grant)) return held.grant.token;
      if (await this.#othersOpen()) {
        // A copied tab has the secret and no token: the original's token of the same turn will do.
        const theirs = await this.#ask(id, held.grant.token === '' ? held.turn - 1 : held.turn);
        if (theirs) {
          this.#hold(theirs, false);
          if (fresh(theirs.grant)) return theirs.grant.token;
          held = theirs;
        }
      }
      try {
        const grant = await this.#relay.refresh(held.grant.refresh);
        this.#hold({ id, turn: held.turn + 1, grant });
        return grant.token;
      } catch (error) {
        if (error instanceof ProblemError && error.status === 401) {
          this.#channel?.postMessage({ type: 'ended', id } satisfies Told);
          this.#forget();
          this.#onEnd();
        }
        throw error;
      }
    });
  }

  #hold(held: Held, tell = true): void {
    this.#held = held;
    this.#kept.set('session', JSON.stringify({ ...held, grant: { ...held.grant, token: '', expiresAt: '' } }));
    this.#appear();
    if (tell) this.#channel?.postMessage({ type: 'held', held } satisfies Told);
  }

  #forget(): void {
    this.#held = null;
    this.#presence?.abort();
    this.#presence = null;
    for (const name of ['session', 'token', 'chat']) this.#kept.set(name, null);
  }

  /** Lets other tabs see that somebody here could answer them. */
  #appear(): void {
    if (this.#presence || !navigator.locks) return;
    const over = new AbortController();
    this.#presence = over;
    const until = new Promise<void>((resolve) => over.signal.addEventListener('abort', () => resolve()));
    navigator.locks.request(this.#mark, () => until).catch(() => {});
  }

  /** Whether other tabs have a session of this site; true where that cannot be known. */
  async #othersOpen(): Promise<boolean> {
    if (!navigator.locks) return true;
    const { held } = await navigator.locks.query();
    return (held ?? []).some((lock) => lock.name?.startsWith(`tendril:${this.#site}:`) && lock.name !== this.#mark);
  }

  /** The newest grant that another tab holds, if it is newer than `turn`. */
  #ask(id: string | null, turn: number): Promise<Held | null> {
    const channel = this.#channel;
    if (!channel) return Promise.resolve(null);
    return new Promise((resolve) => {
      const done = (held: Held | null) => {
        clearTimeout(timer);
        channel.removeEventListener('message', listen);
        resolve(held);
      };
      const listen = ({ data }: MessageEvent<Told>) => {
        if (data.type === 'held' && (id === null || data.held.id === id) && data.held.turn > turn) done(data.held);
      };
      const timer = setTimeout(() => done(null), ASK_MS);
      channel.addEventListener('message', listen);
      channel.postMessage({ type: 'ask', id } satisfies Told);
    });
  }

  #hear(told: Told): void {
    const held = this.#held;
    if (!held) return;
    switch (told.type) {
      case 'ask':
        if (told.id === null || told.id === held.id) this.#channel?.postMessage({ type: 'held', held } satisfies Told);
        break;
      case 'held':
        if (told.held.id === held.id && told.held.turn > held.turn) this.#hold(told.held, false);
        break;
      case 'ended':
        if (told.id === held.id) {
          this.#forget();
          this.#onEnd();
        }
        break;
    }
  }
}

function fresh(grant: SessionGrant): boolean {
  return grant.token !== '' && Date.parse(grant.expiresAt) - Date.now() > EARLY_MS;
}

function ended(): ProblemError {
  return new ProblemError({ status: 401, code: 'session_ended' });
}

function parse<T>(json: string | null): T | null {
  if (json === null) return null;
  try {
    return JSON.parse(json) as T;
  } catch {
    return null;
  }
}

/** One at a time over all tabs; where there are no locks (no secure context), in this tab alone. */
function exclusive<T>(name: string, work: () => Promise<T>): Promise<T> {
  return navigator.locks ? (navigator.locks.request(name, work) as Promise<T>) : work();
}
