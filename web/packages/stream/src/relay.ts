import type { Accepted, Chat, ChatMessage, MessagePage, Problem, SessionGrant, Site } from './wire';

/** The relay answered with a problem. `code` is one of the contract's `ErrorCode`. */
export class ProblemError extends Error {
  readonly status: number;
  readonly code: string;
  readonly detail: string | undefined;
  /** Seconds, from `Retry-After`. */
  readonly retryAfter: number | undefined;

  constructor(body: Partial<Problem> & { status: number; code: string }, retryAfter?: number) {
    super(body.title ?? body.code);
    this.name = 'ProblemError';
    this.status = body.status;
    this.code = body.code;
    this.detail = body.detail;
    this.retryAfter = retryAfter;
  }

  /** The same call may succeed later without anybody changing anything. */
  get passing(): boolean {
    return this.status >= 500 || this.status === 429;
  }
}

/** No answer: the relay, or the way to it, is away. Whether the call had an effect is unknown. */
export class AwayError extends Error {
  constructor(cause: unknown) {
    super('The relay is away', { cause });
    this.name = 'AwayError';
  }
}

/** Who makes the calls. */
export interface Credentials {
  /** A token that was good a moment ago. */
  token(): Promise<string>;
  /** A token other than the refused one; throws a 401 [ProblemError] when the session is over. */
  renew(refused: string): Promise<string>;
}

const CALL_MS = 15_000;

/** The visitor's calls. Errors: [ProblemError], [AwayError]; nothing else. */
export class Relay {
  readonly #base: string;
  readonly #credentials: Credentials | null;

  /** `base` is the relay's origin; without credentials only the calls that need none. */
  constructor(base: string, credentials: Credentials | null = null) {
    this.#base = base.replace(/\/$/, '');
    this.#credentials = credentials;
  }

  site(site: string): Promise<Site> {
    return this.open('GET', `/api/v1/sites/${encodeURIComponent(site)}`);
  }

  /** `consent`: version of the site's text that the visitor agreed to; `captcha`: what the relay asked for. */
  openSession(site: string, code: string, consent?: number, captcha?: string): Promise<SessionGrant> {
    return this.open('POST', '/api/v1/sessions', { site, code, consent, captcha });
  }

  refresh(refresh: string): Promise<SessionGrant> {
    return this.open('POST', '/api/v1/sessions/refresh', { refresh });
  }

  async endSession(): Promise<void> {
    await this.call('DELETE', '/api/v1/sessions/current');
  }

  openChat(): Promise<Chat> {
    return this.json('POST', '/api/v1/chats', {});
  }

  /** The session's chats, the latest first. */
  chats(): Promise<{ chats: Chat[] }> {
    return this.json('GET', '/api/v1/chats');
  }

  chat(id: string): Promise<Chat> {
    return this.json('GET', chatPath(id));
  }

  messages(id: string, before?: string): Promise<MessagePage> {
    const query = before === undefined ? '' : `?before=${encodeURIComponent(before)}`;
    return this.json('GET', `${chatPath(id)}/messages${query}`);
  }

  /** `replaces`: the visitor's last message, of which this one is the new wording. */
  post(id: string, message: Pick<ChatMessage, 'id' | 'parts'> & { replaces?: string }): Promise<Accepted> {
    return this.json('POST', `${chatPath(id)}/messages`, message);
  }

  stop(id: string): Promise<{ stopped: number }> {
    return this.json('POST', `${chatPath(id)}/stop`, {});
  }

  retry(id: string): Promise<Accepted> {
    return this.json('POST', `${chatPath(id)}/retry`, {});
  }

  /** Asks for the last, answered turn once more. */
  regenerate(id: string): Promise<Accepted> {
    return this.json('POST', `${chatPath(id)}/regenerate`, {});
  }

  /** The stream's response: 200 with a body, or 204. */
  stream(id: string, cursor: string | null, signal: AbortSignal): Promise<Response> {
    const query = cursor === null ? '' : `?after=${encodeURIComponent(cursor)}`;
    return this.call('GET', `${chatPath(id)}/stream${query}`, undefined, signal);
  }

  /** A call that needs no credentials. */
  async open<T>(method: string, path: string, body?: unknown): Promise<T> {
    return parse(await this.#fetch(method, path, null, body, AbortSignal.timeout(CALL_MS)));
  }

  /** A call that answers with JSON. */
  async json<T>(method: string, path: string, body?: unknown): Promise<T> {
    return parse(await this.call(method, path, body));
  }

  /** Any of the visitor's calls. */
  async call(method: string, path: string, body?: unknown, signal?: AbortSignal, more?: Record<string, string>): Promise<Response> {
    const credentials = this.#credentials;
    if (credentials === null) throw new Error('This call needs credentials');
    const token = await credentials.token();
    const send = (bearer: string) =>
      this.#fetch(method, path, bearer, body, signal ?? AbortSignal.timeout(CALL_MS), more);
    try {
      return await send(token);
    } catch (error) {
      if (!(error instanceof ProblemError && error.status === 401)) throw error;
    }
    return send(await credentials.renew(token));
  }

  async #fetch(
    method: string,
    path: string,
    token: string | null,
    body: unknown,
    signal: AbortSignal,
    more?: Record<string, string>,
  ): Promise<Response> {
    const headers = { ...more };
    if (token !== null) headers['Authorization'] = `Bearer ${token}`;
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    const init: RequestInit = { method, headers, signal, cache: 'no-store', credentials: 'omit' };
    if (body !== undefined) init.body = JSON.stringify(body);
    let response: Response;
    try {
      response = await fetch(this.#base + path, init);
    } catch (error) {
      throw new AwayError(error);
    }
    if (!response.ok) throw await problem(response);
    return response;
  }
}

function chatPath(id: string): string {
  return `/api/v1/chats/${encodeURIComponent(id)}`;
}

async function parse<T>(response: Response): Promise<T> {
  try {
    return (await response.json()) as T;
  } catch (error) {
    throw new AwayError(error);
  }
}

async function problem(response: Response): Promise<ProblemError> {
  const seconds = Number(response.headers.get('Retry-After') ?? Number.NaN);
  const retryAfter = Number.isFinite(seconds) ? seconds : undefined;
  let body: Partial<Problem> = {};
  try {
    body = (await response.json()) as Partial<Problem>;
  } catch {
    // A proxy in between answers with a page of its own.
  }
  return new ProblemError({ ...body, status: response.status, code: body.code ?? 'unknown' }, retryAfter);
}
