// @vitest-environment happy-dom
import { AwayError, ProblemError, type Accepted, type Chat, type ChatMessage, type Frame, type Relay, type RunStatus } from '@tendril/stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Conversation } from './conversation';
import { markdownOf, type Answer, type Question } from './entries';
import { Kept } from './kept';
import { say } from './text';

/** A relay in memory: one chat, whose log the test writes. */
class Desk {
  messagesStored: ChatMessage[] = [];
  run: RunStatus | undefined;
  posts: string[] = [];
  refuse: unknown[] = [];
  #frames: Frame[] = [];
  #write: ((frame: Frame, seq: number) => void) | null = null;
  #answers = 0;

  log(...frames: Frame[]): void {
    for (const frame of frames) {
      this.#frames.push(frame);
      this.#write?.(frame, this.#frames.length);
    }
  }

  async marks() {
    return { feedback: [] };
  }

  async openChat(): Promise<Chat> {
    return this.chat();
  }

  async chat(): Promise<Chat> {
    const base = { id: 'c', createdAt: '', cursor: `e:${this.#frames.length}`, worker: { online: true } };
    return this.run ? { ...base, run: this.run } : base;
  }

  async messages() {
    return { messages: this.messagesStored };
  }

  async post(_chat: string, { id }: { id: string }): Promise<Accepted> {
    this.posts.push(id);
    const refusal = this.refuse.shift();
    if (refusal) throw refusal;
    const answerId = `a${++this.#answers}`;
    const run: RunStatus = { answerId, messageId: id, state: 'ready', position: 1, attempt: 0 };
    return { messageId: id, answerId, cursor: `e:${this.#frames.length}`, duplicate: false, run };
  }

  async retry(): Promise<Accepted> {
    return this.post('c', { id: 'again' });
  }

  async stream(_chat: string, cursor: string | null): Promise<Response> {
    const from = cursor === null ? 0 : Number(cursor.split(':')[1]);
    const encoder = new TextEncoder();
    return new Response(
      new ReadableStream({
        start: (controller) => {
          const send = (frame: Frame, seq: number) =>
            controller.enqueue(encoder.encode(`id: e:${seq}\ndata: ${JSON.stringify(frame)}\n\n`));
          this.#frames.slice(from).forEach((frame, at) => send(frame, from + at + 1));
          this.#write = send;
        },
      }),
    );
  }
}

let desk: Desk;
let talk: Conversation;

beforeEach(() => {
  sessionStorage.clear();
  desk = new Desk();
  talk = new Conversation(desk as unknown as Relay, new Kept('s'), () => {});
});
afterEach(() => talk.close());

const entries = () => talk.store.state.entries;
const answer = (at = 0) => entries().filter((entry): entry is Answer => entry.kind === 'answer')[at];
const question = (at = 0) => entries().filter((entry): entry is Question => entry.kind === 'question')[at];

async function until(what: () => boolean): Promise<void> {
  await expect.poll(what, { interval: 2, timeout: 4_000 }).toBe(true);
}

const text = (id: string, delta: string): Frame => ({ type: 'text-delta', id, delta });

test('a question, its answer, and the words for a screen reader', async () => {
  talk.send('Hello?');
  expect(question()?.delivery).toBe('sending');
  await until(() => answer()?.phase === 'queued');
  expect(question()?.delivery).toBe('sent');
  desk.log({ type: 'start', messageId: 'a1' }, { type: 'start-step' }, { type: 'text-start', id: 't' }, text('t', 'Hi, **you**.'));
  await until(() => markdownOf(answer() as Answer) === 'Hi, **you**.');
  expect(talk.store.state.status).toBe('The answer is being written.');
  desk.log({ type: 'text-end', id: 't' }, { type: 'finish-step' }, { type: 'finish', messageMetadata: { reason: 'stop' } });
  await until(() => answer()?.phase === 'done');
  expect(talk.store.state.status).toBe('Answer 1: Hi, you.');
  expect(entries().length).toBe(2);
});

test('what a dead attempt wrote stays until the next one has caught up', async () => {
  talk.send('Hello?');
  await until(() => answer() !== undefined);
  desk.log({ type: 'start', messageId: 'a1' }, { type: 'text-start', id: 'a1t' }, text('a1t', 'Half an answer'));
  await until(() => markdownOf(answer() as Answer) === 'Half an answer');
  const seen: string[] = [];
  const stop = talk.store.subscribe(() => seen.push(markdownOf(answer() as Answer)));
  desk.log({ type: 'text-end', id: 'a1t' }, { type: 'data-relay-superseded', data: { parts: ['a1t'], attempt: 1 }, transient: true });
  await until(() => answer()?.again === true);
  desk.log({ type: 'text-start', id: 'a2t' }, text('a2t', 'A whole'));
  await until(() => seen.length > 2);
  expect(markdownOf(answer() as Answer)).toBe('Half an answer');
  desk.log(text('a2t', ' answer, and more.'));
  await until(() => markdownOf(answer() as Answer) === 'A whole answer, and more.');
  expect(answer()?.again).toBe(false);
  expect(seen.every((shown) => shown.length >= 'Half an answer'.length)).toBe(true);
  stop();
});

test('a new attempt that says less is what counts in the end', async () => {
  talk.send('Hello?');
  await until(() => answer() !== undefined);
  desk.log({ type: 'start', messageId: 'a1' }, { type: 'text-start', id: 'a1t' }, text('a1t', 'A long beginning'));
  await until(() => markdownOf(answer() as Answer) !== '');
  desk.log({ type: 'data-relay-superseded', data: { parts: ['a1t'], attempt: 1 }, transient: true });
  desk.log({ type: 'text-start', id: 'a2t' }, text('a2t', 'Short.'), { type: 'finish' });
  await until(() => answer()?.phase === 'done');
  expect(markdownOf(answer() as Answer)).toBe('Short.');
});

test('the relay is away: the same message again under the same id', async () => {
  desk.refuse = [new AwayError('x'), new ProblemError({ status: 503, code: 'unavailable' })];
  talk.send('Hello?');
  await until(() => question()?.delivery === 'unsent');
  talk.nudge();
  await until(() => desk.posts.length === 2);
  talk.nudge();
  await until(() => question()?.delivery === 'sent');
  expect(new Set(desk.posts).size).toBe(1);
  expect(desk.posts.length).toBe(3);
});

test('a refusal is put into words, and sending again keeps the id', async () => {
  desk.refuse = [new ProblemError({ status: 429, code: 'rate_limited' }, 42)];
  talk.send('Hello?');
  await until(() => question()?.delivery === 'failed');
  const problem = question()?.problem;
  expect(problem && say(problem)).toBe('You are sending faster than this chat allows. Send again in 42 s.');
  talk.sendAgain(question()?.id ?? '');
  await until(() => question()?.delivery === 'sent');
  expect(new Set(desk.posts).size).toBe(1);
});

test('a full chat and a chat with too many waiting questions are told apart', async () => {
  const full = () => new ProblemError({ status: 409, code: 'chat_full' });
  desk.refuse = [full()];
  talk.send('One too many');
  await until(() => question()?.delivery === 'failed');
  expect(question()?.problem?.key).toBe('send.full');
  for (const words of ['a', 'b', 'c']) talk.send(words);
  await until(() => entries().filter((entry) => entry.kind === 'answer').length === 3);
  desk.refuse = [full()];
  talk.send('d');
  await until(() => question(4)?.delivery === 'failed');
  expect(question(4)?.problem?.key).toBe('send.busy');
});

test('a turn that fails before it began is the one that waits', async () => {
  talk.send('Hello?');
  await until(() => answer() !== undefined);
  desk.log({ type: 'data-relay-failure', data: { code: 'deadline', retryable: true }, transient: true }, { type: 'error', errorText: 'Nobody came.' });
  await until(() => answer()?.phase === 'failed');
  expect(answer()?.metadata.failure).toEqual({ code: 'deadline', text: 'Nobody came.', retryable: true });
  expect(talk.store.state.status).toBe('The answer failed: Nobody came.');
  await talk.retry('a1');
  expect(answer(1)?.phase).toBe('queued');
});

test('after a reload: answers stand below their questions, and the turn in flight goes on', async () => {
  const asked = (id: string, words: string): ChatMessage => ({ id, role: 'user', parts: [{ type: 'text', text: words }] });
  const said = (id: string, words: string): ChatMessage => ({ id, role: 'assistant', parts: [{ type: 'text', text: words }] });
  // In the order of turns: the second question was stored before the first answer.
  desk.messagesStored = [asked('q1', 'one'), said('x1', 'first'), asked('q2', 'two'), asked('q3', 'three')];
  desk.run = { answerId: 'x2', messageId: 'q2', state: 'running', position: 0, attempt: 1 };
  desk.log({ type: 'start', messageId: 'x2' }, { type: 'text-start', id: 't' }, text('t', 'sec'));
  new Kept('s').set('chat', 'c');
  talk = new Conversation(desk as unknown as Relay, new Kept('s'), () => {});
  await talk.begin();
  expect(entries().map((entry) => entry.id)).toEqual(['q1', 'x1', 'q2', 'x2', 'q3', '?q3']);
  await until(() => markdownOf(answer(1) as Answer) === 'sec');
  desk.log(text('t', 'ond'), { type: 'finish' });
  await until(() => answer(1)?.phase === 'done');
  expect(markdownOf(answer(1) as Answer)).toBe('second');
  expect(answer(2)?.phase).toBe('queued');
});

test('what another tab asks is shown here too', async () => {
  talk.send('Mine');
  await until(() => answer() !== undefined);
  desk.log({ type: 'data-relay-message', data: { id: 'theirs', role: 'user', parts: [{ type: 'text', text: 'Theirs' }] }, transient: true });
  await until(() => entries().length === 4);
  expect(question(1)?.text).toBe('Theirs');
  desk.log({ type: 'start', messageId: 'a1' }, { type: 'finish' });
  await until(() => answer()?.phase === 'done');
  expect(answer(1)?.phase).toBe('queued');
});
