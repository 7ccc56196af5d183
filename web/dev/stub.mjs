// A relay of cardboard, for working on the looks of the pages alone: `npm run build && node dev/stub.mjs`.
// It forgets everything at its end, checks nothing and proves nothing; no test uses it.
// Code: anything but WRONG. A message with the word queue waits, offline has no worker, fail fails, slow is slow.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';

const dist = new URL('../dist/', import.meta.url);
const types = { html: 'text/html; charset=utf-8', js: 'text/javascript', css: 'text/css', svg: 'image/svg+xml' };
const csp = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
const worker = { online: true, lastSeenAt: new Date().toISOString(), model: 'guide', modelKind: 'guide' };
const away = { online: false, lastSeenAt: new Date(Date.now() - 5_400_000).toISOString(), model: 'guide', modelKind: 'guide' };
const chats = new Map();
const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const ANSWER = await readFile(new URL('answer.md', import.meta.url), 'utf8');

function log(chat, ...frames) {
  for (const frame of frames) chat.frames.push(frame);
  for (const listener of chat.listeners) listener();
}

async function answer(chat, run, text) {
  run.state = 'running';
  if (/queue|offline/.test(text)) {
    run.state = 'ready';
    chat.status = { state: 'queued', position: 2, worker: /offline/.test(text) ? away : worker };
    for (const listener of chat.listeners) listener();
    await later(12_000);
    run.state = 'running';
    chat.status = { state: 'running', position: 0, worker };
  }
  const pace = /slow/.test(text) ? 120 : 25;
  await later(700);
  log(chat, { type: 'start', messageId: run.answerId, messageMetadata: { model: 'guide', modelKind: 'guide' } }, { type: 'start-step' });
  if (/think/.test(text)) {
    log(chat, { type: 'reasoning-start', id: 'r' }, { type: 'reasoning-delta', id: 'r', delta: 'The visitor asks about hours. The page “Visit” has them.' }, { type: 'reasoning-end', id: 'r' });
    log(chat, { type: 'tool-input-available', toolCallId: 'k', toolName: 'search', input: {} }, { type: 'tool-output-available', toolCallId: 'k', output: {} });
  }
  log(chat, { type: 'text-start', id: 't' });
  let said = '';
  for (const word of ANSWER.match(/\S+\s*/g)) {
    if (chat.stop) break;
    said += word;
    log(chat, { type: 'text-delta', id: 't', delta: word });
    await later(pace);
    if (/fail/.test(text) && said.length > 200) break;
  }
  log(chat, { type: 'text-end', id: 't' });
  const parts = [{ type: 'step-start' }, { type: 'text', text: said }];
  const metadata = { model: 'guide', modelKind: 'guide', createdAt: new Date().toISOString() };
  if (chat.stop) {
    metadata.state = 'stopped';
    log(chat, { type: 'finish-step' }, { type: 'abort' });
  } else if (/fail/.test(text)) {
    const failure = { code: 'model_broke_off', text: 'The model stopped in mid-answer. Try again.', retryable: true };
    Object.assign(metadata, { state: 'failed', failure });
    log(chat, { type: 'finish-step' }, { type: 'data-relay-failure', data: failure, transient: true }, { type: 'error', errorText: failure.text });
  } else {
    const sources = [{ type: 'source-url', sourceId: 's1', url: 'https://museum.example/visit', title: 'Plan your visit' }, { type: 'source-url', sourceId: 's2', url: 'https://museum.example/tickets/groups', title: 'Tickets and groups' }];
    parts.push(...sources);
    log(chat, ...sources, { type: 'finish-step' }, { type: 'finish', messageMetadata: { reason: 'stop' } });
  }
  run.state = 'done';
  chat.status = null;
  chat.messages.push({ id: run.answerId, role: 'assistant', parts, metadata });
}

createServer(async (request, response) => {
  const url = new URL(request.url, 'http://x');
  const json = (status, body, headers = {}) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  };
  let body = '';
  for await (const chunk of request) body += chunk;
  const data = body ? JSON.parse(body) : {};
  const [, , , kind, id, call] = url.pathname.split('/');
  const grant = { token: 't', expiresAt: new Date(Date.now() + 900_000).toISOString(), refresh: 'r', sessionExpiresAt: new Date(Date.now() + 43_200_000).toISOString() };
  if (kind === 'sites') {
    if (id === 'none') return json(404, { code: 'not_found', title: 'There is nothing here', status: 404 });
    return json(200, { site: id, title: 'Moss & Fern Museum', greeting: 'Ask anything about the museum: opening hours, the gardens, tickets, and what grows where.', messageChars: 4000, worker });
  }
  if (kind === 'sessions') return data.code?.startsWith('WRONG') ? json(401, { code: 'invalid_code' }) : json(request.method === 'DELETE' ? 204 : 201, request.method === 'DELETE' ? undefined : grant);
  if (kind === 'chats' && id === undefined) {
    const chat = { id: `c${chats.size}`, frames: [], listeners: new Set(), messages: [], runs: [], status: null };
    if (request.method === 'GET') return json(200, { chats: [] });
    chats.set(chat.id, chat);
    return json(201, { id: chat.id, createdAt: new Date().toISOString(), cursor: 'e:0', worker });
  }
  if (kind === 'chats') {
    const chat = chats.get(id);
    if (!chat) return json(404, { code: 'not_found' });
    const run = chat.runs.at(-1);
    if (call === undefined) return json(200, { id, createdAt: '', cursor: `e:${chat.frames.length}`, run, worker });
    if (call === 'messages' && request.method === 'GET') return json(200, { messages: chat.messages });
    if (call === 'stop') {
      chat.stop = true;
      return json(200, { stopped: 1 });
    }
    if (call === 'messages' || call === 'retry') {
      const message = call === 'retry' ? chat.messages.findLast((m) => m.role === 'user') : { id: data.id, role: 'user', parts: data.parts, metadata: { createdAt: new Date().toISOString() } };
      const text = message.parts[0].text;
      if (/limit/.test(text)) return json(429, { code: 'rate_limited' }, { 'retry-after': '42' });
      const next = { answerId: `a${chat.runs.length}`, messageId: message.id, state: 'ready', position: 1, attempt: 0 };
      const cursor = `e:${chat.frames.length}`;
      if (call !== 'retry') {
        chat.messages.push(message);
        log(chat, { type: 'data-relay-message', data: message, transient: true });
      }
      chat.runs.push(next);
      chat.stop = false;
      void answer(chat, next, call === 'retry' ? '' : text);
      return json(202, { messageId: message.id, answerId: next.answerId, cursor, duplicate: false, run: next });
    }
    if (call === 'stream') {
      const after = url.searchParams.get('after');
      if (after === null && run?.state !== 'running' && run?.state !== 'ready') return json(204);
      let at = after === null ? chat.frames.findLastIndex((f) => f.type === 'start') : Number(after.split(':')[1]);
      if (at < 0) at = chat.frames.length;
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      let told = null;
      const send = () => {
        if (chat.status !== told && chat.status) response.write(`data: ${JSON.stringify({ type: 'data-relay-status', data: chat.status, transient: true })}\n\n`);
        told = chat.status;
        for (; at < chat.frames.length; at++) {
          const frame = chat.frames[at];
          response.write(`id: e:${at + 1}\ndata: ${JSON.stringify(frame)}\n\n`);
          if (['finish', 'abort', 'error'].includes(frame.type)) {
            chat.listeners.delete(send);
            return response.end('data: [DONE]\n\n');
          }
        }
      };
      chat.listeners.add(send);
      request.on('close', () => chat.listeners.delete(send));
      response.write('retry: 3000\n\n');
      return send();
    }
  }
  const path = url.pathname === '/demo' ? 'demo.html' : url.pathname.startsWith('/c/') ? 'chat.html' : url.pathname.slice(1);
  try {
    const file = await readFile(new URL(path === 'demo.html' ? '../dev/demo.html' : path, dist));
    response.writeHead(200, { 'content-type': types[path.split('.').at(-1)] ?? 'text/plain', 'content-security-policy': csp, 'access-control-allow-origin': '*' });
    response.end(file);
  } catch {
    json(404, { code: 'not_found' });
  }
}).listen(Number(process.env.PORT ?? 4173), '127.0.0.1', function () {
  console.log(`http://127.0.0.1:${this.address().port}/c/demo`);
});
