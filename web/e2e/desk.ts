import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * A stand-in for the relay that answers as it is asked to, for states of the page that the real one
 * reaches rarely or slowly. It speaks the calls that the page makes, with the frames of the wire; what
 * it must agree with the real relay about is tested there (`chat.spec.ts`, `faults.spec.ts`).
 */

const dist = fileURLToPath(new URL('../dist/', import.meta.url));
const TYPES: Record<string, string> = { '.js': 'text/javascript', '.css': 'text/css', '.html': 'text/html', '.svg': 'image/svg+xml', '.json': 'application/json' };
/** As the relay sends it with the hosted page. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; font-src 'self'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; frame-ancestors *";

interface Message {
  id: string;
  role: 'user' | 'assistant';
  parts: { type: string; [more: string]: unknown }[];
  metadata?: Record<string, unknown>;
}
type Frame = { type: string; [more: string]: unknown };
interface DeskChat {
  id: string;
  title?: string;
  messages: Message[];
  frames: Frame[];
  active: { answerId: string; messageId: string; position: number } | null;
  pinned: string | null;
  feedback: { messageId: string; verdict: string; words?: string }[];
}

export const RICH = `The chat runs in **three parts**, and only one of them is public:

1. The *relay* stands on a server and keeps what was said.
2. The worker stands at home and only dials out.
3. The page shows the answer [while it is written](https://example.org/streams).

## What a worker needs

| Part | Memory | Listens |
|---|--:|:-:|
| relay | 150 MB | yes |
| worker | 120 MB | no |

\`\`\`sh
./tendril up --model guide   # no account, no key
\`\`\`

> Nothing that you write leaves the two machines.

- [x] works behind NAT
- [ ] needs an open port`;

const ARABIC = `يعمل **الحوار** في ثلاثة أجزاء:

1. الخادم العام يحفظ ما قيل.
2. العامل في المنزل يتصل إلى الخارج فقط.
3. تعرض الصفحة الإجابة [أثناء كتابتها](https://example.org/ar).

> لا يغادر ما تكتبه هذين الجهازين.

| الجزء | الذاكرة |
|---|--:|
| relay | 150 MB |

\`./tendril up\` يبدأ كل شيء.`;

export class Desk {
  readonly chats: DeskChat[] = [];
  readonly requests: string[] = [];
  /** Milliseconds between deltas. */
  pace = 4;
  online = true;
  /** Chunks that wait until [release]. */
  #held: (() => void)[] = [];
  #server: Server;
  #open = new Set<ServerResponse>();
  #wake: (() => void)[] = [];
  url = '';
  /** More of what is told of the site. */
  site: Record<string, unknown> = {};
  /** Calls that a test answers itself, such as `POST chats/:id/email`: a status, and a body or a problem's code. */
  readonly calls = new Map<string, (body: Record<string, unknown>) => [number, unknown]>();
  /** Other pages, by path: what a host of the embed serves. */
  readonly pages = new Map<string, { body: string; headers?: Record<string, string> }>();

  constructor() {
    this.#server = createServer((request, response) => {
      this.#handle(request, response).catch((error: unknown) => {
        response.statusCode = 500;
        response.end(String(error));
      });
    });
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return this;
  }

  async stop(): Promise<void> {
    this.cut();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Ends all streams in the middle. */
  cut(): void {
    for (const response of this.#open) response.destroy();
    this.#open.clear();
  }

  release(): void {
    for (const go of this.#held.splice(0)) go();
  }

  /** A chat with a history. */
  seeded(messages: Message[], title = 'Seeded'): DeskChat {
    const chat: DeskChat = { id: crypto.randomUUID(), title, messages, frames: [], active: null, pinned: null, feedback: [] };
    this.chats.unshift(chat);
    return chat;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    const path = url.pathname;
    this.requests.push(`${request.method} ${path}`);
    response.setHeader('Access-Control-Allow-Origin', '*');
    response.setHeader('Access-Control-Allow-Headers', '*');
    response.setHeader('Access-Control-Allow-Methods', '*');
    response.setHeader('Cross-Origin-Resource-Policy', 'cross-origin');
    if (request.method === 'OPTIONS') return void response.end();
    const page = this.pages.get(path);
    if (page) {
      for (const [name, value] of Object.entries(page.headers ?? {})) response.setHeader(name, value);
      response.setHeader('Content-Type', 'text/html;charset=utf-8');
      return void response.end(page.body);
    }
    if (path.startsWith('/api/v1/')) return this.#api(request, response, url);
    return this.#file(path, response);
  }

  async #file(path: string, response: ServerResponse): Promise<void> {
    const file = path.startsWith('/c/') ? 'chat.html' : path.startsWith('/s/') ? 'share.html' : normalize(path).slice(1);
    if (file.endsWith('.html')) response.setHeader('Content-Security-Policy', POLICY);
    try {
      const bytes = await readFile(join(dist, file));
      response.setHeader('Content-Type', `${TYPES[extname(file)] ?? 'text/plain'};charset=utf-8`);
      response.end(bytes);
    } catch {
      response.statusCode = 404;
      response.end();
    }
  }

  async #api(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const json = (status: number, body: unknown) => {
      response.statusCode = status;
      response.setHeader('Content-Type', 'application/json');
      response.end(JSON.stringify(body));
    };
    const problem = (status: number, code: string) => json(status, { type: 'about:blank', title: code, status, code, requestId: 'r' });
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = JSON.parse(Buffer.concat(chunks).toString() || '{}') as Record<string, never>;
    const [, , , noun, id, what] = url.pathname.split('/');
    const worker = { online: this.online, lastSeenAt: new Date(Date.now() - 480_000).toISOString(), model: 'desk-1', modelKind: 'llm' };
    const own = this.calls.get(`${request.method} ${[noun, id && noun === 'chats' ? ':id' : id, ...url.pathname.split('/').slice(5)].filter(Boolean).join('/')}`);
    if (own) {
      const [status, answer] = own(body);
      return status < 400 ? json(status, answer) : problem(status, String(answer));
    }
    if (noun === 'sites') return json(200, { site: id, title: 'Garden helpdesk', greeting: 'Ask about the relay, the worker, or your own setup.', messageChars: 4_000, worker, ...this.site });
    if (noun === 'sessions' && id === 'current') return json(204, null);
    if (noun === 'sessions') {
      if ((body['code'] as string | undefined)?.startsWith('wrong')) return problem(401, 'invalid_code');
      const later = (ms: number) => new Date(Date.now() + ms).toISOString();
      return json(201, { token: 't', expiresAt: later(900_000), refresh: 'r', sessionExpiresAt: later(3_600_000) });
    }
    if (request.headers.authorization !== 'Bearer t') return problem(401, 'unauthorized');
    if (noun === 'shares') return json(200, { shares: [] });
    const shown = (chat: DeskChat) => ({
      id: chat.id,
      createdAt: '2026-11-21T09:30:00Z',
      ...(chat.title === undefined ? {} : { title: chat.title }),
      cursor: `e:${chat.frames.length}`,
      worker,
      ...(chat.active ? { run: { ...chat.active, state: chat.active.position > 0 ? 'ready' : 'running', attempt: 1 } } : {}),
    });
    if (id === undefined) {
      if (request.method === 'GET') return json(200, { chats: this.chats.map(shown) });
      const chat = this.seeded([]);
      delete chat.title;
      return json(201, shown(chat));
    }
    const chat = this.chats.find((one) => one.id === id);
    if (!chat) return problem(404, 'not_found');
    if (what === undefined) {
      if (request.method === 'GET') return json(200, shown(chat));
      this.chats.splice(this.chats.indexOf(chat), 1);
      return json(204, null);
    }
    switch (`${request.method} ${what}`) {
      case 'GET messages': {
        const limit = Number(url.searchParams.get('limit') ?? 50);
        const before = Number(url.searchParams.get('before') ?? chat.messages.length);
        const from = Math.max(0, before - limit);
        return json(200, { messages: chat.messages.slice(from, before), ...(from > 0 ? { next: String(from) } : {}) });
      }
      case 'POST messages': {
        const message = body as unknown as Message & { replaces?: string };
        const text = String(message.parts[0]?.['text'] ?? '');
        chat.title ??= text.slice(0, 60);
        if (message.replaces !== undefined) chat.messages = chat.messages.slice(0, chat.messages.findIndex((one) => one.id === message.replaces));
        const kept: Message = { id: message.id, role: 'user', parts: message.parts, metadata: { createdAt: new Date().toISOString() } };
        chat.messages.push(kept);
        const cursor = `e:${chat.frames.length}`;
        const { replaces } = message;
        this.#log(chat, { type: 'data-relay-message', data: replaces === undefined ? kept : { ...kept, replaces }, transient: true });
        return json(202, { ...this.#turn(chat, message.id, text), cursor });
      }
      case 'POST regenerate':
      case 'POST retry': {
        const last = chat.messages.findLast(({ role }) => role === 'user') as Message;
        const cursor = `e:${chat.frames.length}`;
        return json(202, { ...this.#turn(chat, last.id, String(last.parts[0]?.['text'])), cursor });
      }
      case 'POST stop':
        if (chat.active) this.#end(chat, { type: 'abort' }, 'stopped');
        return json(200, { stopped: 1 });
      case 'GET marks':
        return json(200, { ...(chat.pinned === null ? {} : { pinned: chat.pinned }), feedback: chat.feedback });
      case 'POST pin':
        chat.pinned = body['messageId'] ?? null;
        return json(204, null);
      case 'POST feedback': {
        const told = body as unknown as { messageId: string; verdict: string | null; words?: string };
        chat.feedback = chat.feedback.filter(({ messageId }) => messageId !== told.messageId);
        if (told.verdict !== null) chat.feedback.push({ ...told, verdict: told.verdict });
        return json(204, null);
      }
      case 'GET transcript':
        response.setHeader('Content-Disposition', 'attachment');
        return void response.end(`# ${chat.title}`);
      case 'GET stream':
        return this.#stream(chat, url.searchParams.get('after'), response, worker);
    }
    return problem(404, 'not_found');
  }

  #log(chat: DeskChat, frame: Frame): void {
    chat.frames.push(frame);
    for (const wake of this.#wake.splice(0)) wake();
  }

  /** Begins to answer; the question says how. */
  #turn(chat: DeskChat, messageId: string, question: string) {
    const answerId = `a_${chat.frames.length}`;
    const position = /in line/.test(question) ? 3 : /offline/.test(question) ? 1 : 0;
    chat.active = { answerId, messageId, position };
    if (/offline/.test(question)) this.online = false;
    void this.#answer(chat, answerId, question);
    return { messageId, answerId, duplicate: false, run: { ...chat.active, state: position > 0 ? 'ready' : 'running', attempt: 1 } };
  }

  async #answer(chat: DeskChat, answerId: string, question: string): Promise<void> {
    const chosen = chat.active;
    const log = (frame: Frame) => chat.active === chosen && this.#log(chat, frame);
    const held = () => new Promise<void>((resolve) => this.#held.push(resolve));
    if (/in line|offline/.test(question)) await held();
    if (chat.active) chat.active.position = 0;
    log({ type: 'start', messageId: answerId, messageMetadata: { model: 'desk-1', modelKind: 'llm' } });
    log({ type: 'start-step' });
    if (/think/.test(question)) {
      log({ type: 'reasoning-start', id: 'r' });
      log({ type: 'reasoning-delta', id: 'r', delta: 'The visitor asks about the parts. I should name all three and say which is public.' });
      log({ type: 'reasoning-end', id: 'r' });
      log({ type: 'tool-input-available', toolCallId: 'c', toolName: 'search_content', input: { query: 'parts' }, dynamic: true });
      log({ type: 'tool-output-available', toolCallId: 'c', output: 'found', dynamic: true });
    }
    if (/fail/.test(question)) {
      log({ type: 'data-relay-failure', data: { code: 'model_away', retryable: true }, transient: true });
      this.#end(chat, { type: 'error', errorText: 'The model could not be reached. Nothing of your question is lost.' }, 'failed');
      return;
    }
    const text = /^long (\d+)/.exec(question) ? RICH.repeat(Number(/\d+/.exec(question)?.[0])) : /[\u0600-\u06ff]/.test(question) ? ARABIC : question.startsWith('say ') ? question.slice(4) : RICH;
    log({ type: 'text-start', id: 't' });
    let hold = /hold/.test(question);
    for (let at = 0; at < text.length; at += 20) {
      if (hold && at > text.length / 2) {
        hold = false;
        await held();
      }
      if (chat.active !== chosen) return;
      log({ type: 'text-delta', id: 't', delta: text.slice(at, at + 20) });
      await new Promise((resolve) => setTimeout(resolve, this.pace));
    }
    if (chat.active !== chosen) return;
    log({ type: 'text-end', id: 't' });
    if (/think/.test(question)) {
      log({ type: 'source-url', sourceId: 's1', url: 'https://example.org/docs/relay', title: 'The relay' });
      log({ type: 'source-url', sourceId: 's2', url: 'https://example.org/docs/worker', title: 'The worker' });
    }
    log({ type: 'finish-step' });
    this.#end(chat, { type: 'finish', messageMetadata: { reason: 'stop' } }, undefined);
  }

  #end(chat: DeskChat, frame: Frame, state: string | undefined): void {
    const { active } = chat;
    if (!active) return;
    const from = chat.frames.findLastIndex(({ type, messageId }) => type === 'start' && messageId === active.answerId);
    const mine = chat.frames.slice(Math.max(0, from));
    const text = mine.map((one) => (one.type === 'text-delta' ? String(one['delta']) : '')).join('');
    const sources = mine.filter(({ type }) => type === 'source-url') as Message['parts'];
    chat.messages.push({
      id: active.answerId,
      role: 'assistant',
      parts: [...(text === '' ? [] : [{ type: 'text', text }]), ...sources],
      metadata: { createdAt: new Date().toISOString(), model: 'desk-1', ...(state === undefined ? {} : { state }), ...(state === 'failed' ? { failure: { code: 'model_away', text: String(frame['errorText']), retryable: true } } : {}) },
    });
    chat.active = null;
    this.#log(chat, frame);
  }

  async #stream(chat: DeskChat, after: string | null, response: ServerResponse, worker: unknown): Promise<void> {
    if (after === null && chat.active === null) {
      response.statusCode = 204;
      return void response.end();
    }
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' });
    response.write('retry: 3000\n\n');
    this.#open.add(response);
    response.on('close', () => this.#open.delete(response));
    if (chat.active && chat.active.position > 0) {
      const status = { type: 'data-relay-status', data: { state: 'queued', position: chat.active.position, worker }, transient: true };
      response.write(`data: ${JSON.stringify({ ...status, data: { ...status.data, worker: { ...(worker as object), online: this.online } } })}\n\n`);
    }
    const started = chat.active && after === null ? chat.frames.findLastIndex(({ type, messageId }) => type === 'start' && messageId === chat.active?.answerId) : -1;
    let at = after === null ? (started < 0 ? chat.frames.length : started) : Number(after.split(':').at(-1));
    while (!response.destroyed) {
      for (; at < chat.frames.length; at++) {
        const frame = chat.frames[at] as Frame;
        response.write(`id: e:${at + 1}\ndata: ${JSON.stringify(frame)}\n\n`);
        if (['finish', 'abort', 'error'].includes(frame.type)) return void response.end('data: [DONE]\n\n');
      }
      await new Promise<void>((resolve) => {
        this.#wake.push(resolve);
        setTimeout(resolve, 200);
      });
    }
  }
}
