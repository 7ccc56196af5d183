import {
  AwayError,
  FrameFolder,
  ProblemError,
  follow,
  type Accepted,
  type ChatMessage,
  type Follower,
  type Frame,
  type LivePart,
  type Metadata,
  type Part,
  type Presence,
  type Relay,
  type RunStatus,
} from '@tendril/stream';
import { plainText } from '@tendril/markdown';
import { randomId, type Kept } from './kept';
import { Store } from './store';
import { t, waitText, type Said } from './text';

/**
 * One visitor's chat: what was said, what is being answered, what is not sent yet. The relay has the
 * truth; this is its picture, built from the history and kept current by the stream. Knows nothing of
 * the DOM.
 */

export interface Question {
  kind: 'question';
  id: string;
  text: string;
  files?: FilePart[];
  at?: string;
  /** `unsent`: tried, and tried again until it fails for a reason; the id stays the same. */
  delivery: 'sending' | 'unsent' | 'failed' | 'sent';
  /** The message of which this is the new wording. */
  replaces?: string;
  problem?: Said;
}

export interface Answer {
  kind: 'answer';
  id: string;
  /**
   * `queued`: nobody works on it yet. `writing`: frames arrive. `done`, `stopped`, `failed`: as the
   * history will have it.
   */
  phase: 'queued' | 'writing' | 'done' | 'stopped' | 'failed';
  parts: LivePart[];
  metadata: Metadata;
  /** Place in line, 1 is next; 0: not in line, or unknown. */
  position: number;
  /** Another attempt began after parts were superseded. */
  again: boolean;
  problem?: Said;
}

/** An image of a message. */
export type FilePart = Extract<Part, { type: 'file' }>;

export type Entry = Question | Answer;

export interface Talk {
  entries: Entry[];
  loading: boolean;
  /** There are messages before the first entry. */
  earlier: string | null;
  /** Not connected, and when the next try comes. */
  away: { retryMs: number } | null;
  worker: Presence | null;
  stopping: boolean;
  /** For screen readers, once per finished answer. */
  status: string;
  /** Answers that ended while this page was reading. */
  ended: number;
  /** The chat's id; null before its first message. */
  chat: string | null;
  /** The pinned message, and verdicts by answer. */
  pinned: string | null;
  verdicts: Record<string, Verdict>;
}

export type Verdict = 'up' | 'down';

const EMPTY: Talk = {
  entries: [], loading: false, earlier: null, away: null, worker: null, stopping: false, status: '', ended: 0, chat: null, pinned: null, verdicts: {},
}; // prettier-ignore

/** A message is tried for this long before the visitor is asked. Milliseconds. */
const PATIENCE_MS = 120_000;
const LONGEST_PAUSE_MS = 8_000;

export class Conversation {
  readonly store = new Store<Talk>(EMPTY);
  readonly #relay: Relay;
  readonly #kept: Kept;
  readonly #onLost: (error: ProblemError) => void;
  #chat: string | null;
  #follower: Follower | null = null;
  #folder = new FrameFolder();
  /** The answer whose frames arrive; null between answers and while known ones pass by. */
  #current: string | null = null;
  /** What a dead attempt had written: it stays on the screen until the next one has caught up. */
  #stale: LivePart[] = [];
  #failure: { code: string; retryable: boolean } | null = null;
  #entries: Entry[] = [];
  #painting = false;
  #sending: Promise<void> = Promise.resolve();
  #wake: (() => void) | null = null;
  /** Rises when the chat changes: what comes late for the old one is dropped. */
  #era = 0;

  constructor(relay: Relay, kept: Kept, onLost: (error: ProblemError) => void) {
    this.#relay = relay;
    this.#kept = kept;
    this.#onLost = onLost;
    this.#chat = kept.get('chat');
  }

  /** Takes up the chat of before, if there is one. */
  async begin(): Promise<void> {
    if (this.#chat === null) return;
    const era = this.#era;
    this.store.set({ loading: true, chat: this.#chat });
    try {
      await this.#load(era);
    } catch (error) {
      if (era !== this.#era) return;
      if (error instanceof ProblemError && error.status === 404) this.fresh();
      else if (error instanceof ProblemError && !error.passing) this.#onLost(error);
      else {
        this.store.set({ away: { retryMs: 2_000 } });
        await this.#pause(2_000);
        if (era === this.#era) await this.begin();
      }
    }
  }

  /** Leaves this chat and starts an empty one. */
  fresh(): void {
    this.#leave(null);
  }

  /** Leaves this chat for another one of the visitor's. */
  async change(chat: string): Promise<void> {
    this.#leave(chat);
    await this.begin();
  }

  #leave(next: string | null): void {
    this.close();
    this.#chat = next;
    this.#kept.set('chat', next);
    this.#entries = [];
    const { worker, ended } = this.store.state;
    this.store.set({ ...EMPTY, worker, ended, chat: next });
  }

  /** Stops reading; nothing is lost. */
  close(): void {
    this.#era++;
    this.#follower?.stop();
    this.#follower = null;
    this.#current = null;
    this.#wake?.();
  }

  /** The page has come back, or the visitor does not want to wait. */
  nudge(): void {
    this.#wake?.();
    this.#follower?.nudge();
  }

  /** Shows the message at once and sends it until the relay has it. */
  send(text: string, replaces?: string, files: FilePart[] = []): void {
    const question: Question = { kind: 'question', id: `m_${randomId()}`, text, delivery: 'sending', at: now(), files };
    const at = replaces === undefined ? -1 : this.#entries.findIndex((entry) => entry.id === replaces);
    if (at >= 0 && replaces !== undefined) {
      question.replaces = replaces;
      this.#entries = this.#entries.slice(0, at);
    }
    this.#entries.push(question);
    this.#publish();
    this.#deliver(question.id);
  }

  /** Sends a failed message again under its own id. */
  sendAgain(id: string): void {
    this.#patch(id, { delivery: 'sending' }, 'problem');
    this.#deliver(id);
  }

  /** Takes a message back that was never sent, e.g. to change it. */
  withdraw(id: string): string {
    const question = this.#entries.find((entry) => entry.id === id);
    this.#entries = this.#entries.filter((entry) => entry.id !== id);
    this.#publish();
    return question?.kind === 'question' ? question.text : '';
  }

  async stop(): Promise<void> {
    const chat = this.#chat;
    if (chat === null || this.store.state.stopping) return;
    this.store.set({ stopping: true });
    try {
      await this.#relay.stop(chat);
      // The stream tells the rest; a turn that never wrote a frame is told by the history.
      setTimeout(() => this.store.set({ stopping: false }), 3_000);
    } catch (error) {
      this.store.set({ stopping: false, status: t('turn.stop-failed') });
      if (error instanceof ProblemError && error.status === 401) this.#onLost(error);
    }
  }

  /** Pins a message of this chat; the pinned one is let go. */
  async pin(id: string): Promise<void> {
    const { pinned } = this.store.state;
    await this.#mark({ pinned: pinned === id ? null : id }, (chat) => this.#relay.pin(chat, pinned === id ? null : id));
  }

  /** Stores what the visitor thinks of an answer; null takes it back. */
  async judge(messageId: string, verdict: Verdict | null, words = ''): Promise<void> {
    const verdicts = { ...this.store.state.verdicts };
    if (verdict === null) delete verdicts[messageId];
    else verdicts[messageId] = verdict;
    await this.#mark({ verdicts }, (chat) => this.#relay.feedback(chat, { messageId, verdict, ...(words === '' ? {} : { words }) }));
  }

  /** Shows the change at once, and takes it back if the relay does not take it. */
  async #mark(change: Partial<Talk>, tell: (chat: string) => Promise<void>): Promise<void> {
    const { pinned, verdicts } = this.store.state;
    const era = this.#era;
    this.store.set(change);
    try {
      await tell(this.#chat ?? '');
    } catch {
      if (era === this.#era) this.store.set({ pinned, verdicts, status: t('chat.failed') });
    }
  }

  /** Asks for the last turn again; for one that was answered, too. */
  async retry(answerId: string): Promise<void> {
    const chat = this.#chat;
    if (chat === null) return;
    this.#patch(answerId, {}, 'problem');
    const era = this.#era;
    const answer = this.#entries.find((entry) => entry.id === answerId);
    try {
      const accepted = await (answer?.kind === 'answer' && answer.phase === 'done' ? this.#relay.regenerate(chat) : this.#relay.retry(chat));
      if (era !== this.#era) return;
      this.#expect(accepted.run, this.#entries.length);
      this.#publish();
      this.#read(accepted.cursor);
    } catch (error) {
      if (era !== this.#era) return;
      if (error instanceof ProblemError && error.status === 401) this.#onLost(error);
      else if (error instanceof ProblemError && error.status === 409) await this.begin();
      else this.#patch(answerId, { problem: { key: 'turn.retry-failed' } });
    }
  }

  /** The page of messages before the first. */
  async loadEarlier(): Promise<void> {
    const { earlier } = this.store.state;
    const chat = this.#chat;
    if (earlier === null || chat === null) return;
    const era = this.#era;
    this.store.set({ earlier: null });
    try {
      const page = await this.#relay.messages(chat, earlier);
      if (era !== this.#era) return;
      this.#entries = [...paired(page.messages), ...this.#entries];
      this.store.set({ entries: [...this.#entries], earlier: page.next ?? null });
    } catch {
      if (era === this.#era) this.store.set({ earlier });
    }
  }

  async #load(era: number): Promise<void> {
    const cursor = await this.#history(era);
    if (era !== this.#era) return;
    this.#read(cursor);
    // Without them the chat is the same.
    const marks = await this.#relay.marks(this.#chat ?? '').catch(() => null);
    if (era !== this.#era || marks === null) return;
    const verdicts = Object.fromEntries(marks.feedback.map(({ messageId, verdict }) => [messageId, verdict as Verdict]));
    this.store.set({ pinned: marks.pinned ?? null, verdicts });
  }

  /** Reads the history; returns where the stream goes on, null for a turn in flight. */
  async #history(era: number): Promise<string | null> {
    const id = this.#chat;
    if (id === null) return null;
    // The state first: what ends between the two calls stands in the messages.
    const chat = await this.#relay.chat(id);
    const page = await this.#relay.messages(id);
    if (era !== this.#era) return null;
    const unsent = this.#entries.filter((entry) => entry.kind === 'question' && entry.delivery !== 'sent');
    const known = new Set(page.messages.map((message) => message.id));
    this.#entries = paired(page.messages);
    this.#current = null;
    const { run } = chat;
    const active = run && (run.state === 'waiting' || run.state === 'ready' || run.state === 'running') && !known.has(run.answerId);
    if (active) this.#expectAll(run);
    this.#entries.push(...unsent.filter((entry) => !known.has(entry.id)));
    this.store.set({ earlier: page.next ?? null, worker: chat.worker, loading: false });
    this.#publish();
    return active ? null : chat.cursor;
  }

  /** Places for the head's answer and for those that wait behind it. */
  #expectAll(head: RunStatus): void {
    const at = this.#entries.findIndex((entry) => entry.id === head.messageId);
    if (at < 0) {
      this.#expect(head, this.#entries.length);
      return;
    }
    this.#expect(head, at + 1);
    for (let next = at + 2; next < this.#entries.length; next++) {
      const question = this.#entries[next];
      if (question?.kind === 'question' && this.#entries[next + 1]?.kind !== 'answer') {
        this.#entries.splice(next + 1, 0, waiting(`?${question.id}`, 0));
      }
    }
  }

  /** A place for an answer that will come. */
  #expect(run: RunStatus, at: number): void {
    if (this.#entries.some((entry) => entry.id === run.answerId)) return;
    this.#entries.splice(at, 0, waiting(run.answerId, run.state === 'waiting' ? 0 : run.position));
  }

  #read(cursor: string | null): void {
    if (this.#follower) return;
    const era = this.#era;
    this.#folder = new FrameFolder();
    const chat = this.#chat ?? '';
    this.#follower = follow(cursor, {
      open: (after, signal) => this.#relay.stream(chat, after, signal),
      frame: (frame) => era === this.#era && this.#take(frame),
      connection: (state, retryMs) => {
        if (era !== this.#era) return;
        if (state === 'live') this.#connected();
        else this.store.set({ away: { retryMs: retryMs ?? 0 } });
      },
      reload: async () => {
        const next = await this.#history(era);
        if (era === this.#era) this.#connected();
        return next;
      },
      lost: (error) => {
        if (era !== this.#era) return;
        this.#follower = null;
        if (error.status === 404) this.fresh();
        else this.#onLost(error);
      },
    });
  }

  #connected(): void {
    // What waits to be sent need not wait any longer.
    this.#wake?.();
    if (this.store.state.away !== null) this.store.set({ away: null });
  }

  #take(frame: Frame): void {
    switch (frame.type) {
      case 'data-relay-status':
        this.#status(frame.data);
        break;
      case 'data-relay-message':
        this.#question(frame.data);
        break;
      case 'start':
        this.#start(frame.messageId, frame.messageMetadata);
        break;
      case 'data-relay-failure':
        this.#failure = frame.data;
        break;
      case 'finish':
        this.#end('done', frame.messageMetadata);
        break;
      case 'abort':
        this.#end('stopped');
        break;
      case 'error': {
        const failure = { code: this.#failure?.code ?? '', text: frame.errorText, retryable: this.#failure?.retryable ?? true };
        this.#end('failed', { failure });
        break;
      }
      default: {
        const answer = this.#answer();
        if (frame.type === 'data-relay-superseded') {
          const parts = this.#folder.live();
          if (textLength(parts) > textLength(this.#stale)) this.#stale = parts.map(({ key, part }) => ({ key, part, closed: true }));
          if (answer) this.#patch(answer.id, { again: true });
        }
        this.#folder.accept(frame);
        if (!answer) return;
        if (frame.type === 'start-step' && answer.position > 0) this.#patch(answer.id, { position: 0 });
        this.#soon();
      }
    }
  }

  /** The parts to show now. */
  #shown(): LivePart[] {
    const live = this.#folder.live();
    if (textLength(live) < textLength(this.#stale)) return this.#stale;
    this.#stale = [];
    return live;
  }

  #answer(): Answer | undefined {
    const found = this.#current === null ? undefined : this.#entries.find((entry) => entry.id === this.#current);
    return found?.kind === 'answer' ? found : undefined;
  }

  #start(id: string, metadata?: Metadata): void {
    this.#folder = new FrameFolder();
    this.#stale = [];
    this.#failure = null;
    let answer = this.#entries.find((entry) => entry.id === id);
    if (answer && answer.kind === 'answer' && over(answer)) {
      // The history has it already; its frames pass by.
      this.#current = null;
      return;
    }
    if (!answer) {
      // Nobody told us of this turn: it waits behind another, or belongs to another tab.
      answer = this.#entries.find((entry) => entry.kind === 'answer' && entry.id.startsWith('?'));
      if (answer) answer.id = id;
      else this.#entries.push((answer = waiting(id, 0)));
    }
    this.#current = id;
    this.#patch(id, { phase: 'writing', metadata: { createdAt: now(), ...metadata }, parts: [] });
    this.store.set({ status: t('say.answering') });
  }

  #end(phase: 'done' | 'stopped' | 'failed', metadata?: Metadata): void {
    // A turn can end before its answer began: then it is the first that waits.
    const answer = this.#answer() ?? (this.#current === null ? this.#firstOpen() : undefined);
    this.#current = null;
    if (answer && !over(answer)) {
      const live = this.#folder.live().map(({ key, part }) => ({ key, part, closed: true }));
      this.#patch(answer.id, { phase, parts: live, metadata: { ...answer.metadata, ...metadata } });
      this.#announce(answer.id);
    }
    this.#folder = new FrameFolder();
    this.#stale = [];
    this.#failure = null;
    this.store.set({ stopping: false, ended: this.store.state.ended + 1 });
  }

  #firstOpen(): Answer | undefined {
    return this.#entries.find((entry): entry is Answer => entry.kind === 'answer' && !over(entry));
  }

  /** Turns that have no answer yet. */
  #open(): number {
    return this.#entries.filter((entry) => entry.kind === 'answer' && !over(entry)).length;
  }

  #announce(id: string): void {
    const answers = this.#entries.filter((entry): entry is Answer => entry.kind === 'answer');
    const answer = answers.find((entry) => entry.id === id);
    if (!answer) return;
    if (answer.phase === 'failed') this.store.set({ status: t('say.failed', { text: failureText(answer) }) });
    else if (answer.phase === 'stopped') this.store.set({ status: t('say.stopped') });
    else {
      const words = plainText(markdownOf(answer));
      const text = words.length > 300 ? `${words.slice(0, 300)}…` : words;
      this.store.set({ status: t('say.answered', { n: answers.indexOf(answer) + 1, text }) });
    }
  }

  #question(message: ChatMessage): void {
    const known = this.#entries.find((entry) => entry.id === message.id);
    if (known?.kind === 'question') {
      this.#patch(message.id, { delivery: 'sent' }, 'problem');
      return;
    }
    // Another tab asked.
    this.#entries.push(asked(message));
    if (this.#entries.some((entry) => entry.kind === 'answer' && !over(entry))) {
      this.#entries.push(waiting(`?${message.id}`, 0));
    } else this.#entries.push(waiting(`?${message.id}`, 1));
    this.#publish();
  }

  #status(status: { state: 'queued' | 'running'; position: number; worker: Presence }): void {
    this.store.set({ worker: status.worker });
    const answer = this.#firstOpen();
    if (!answer) return;
    const queued = status.state === 'queued';
    // What an attempt had written stays visible while the turn waits for the next one.
    const phase = answer.parts.length > 0 || !queued ? 'writing' : 'queued';
    this.#patch(answer.id, { phase, position: queued ? Math.max(1, status.position) : 0 });
  }

  #deliver(id: string): void {
    // One after the other, so that they arrive in order.
    this.#sending = this.#sending.then(() => this.#post(id));
  }

  async #post(id: string): Promise<void> {
    const era = this.#era;
    const begun = Date.now();
    for (let attempt = 1; ; attempt++) {
      const question = this.#entries.find((entry) => entry.id === id);
      if (era !== this.#era || question?.kind !== 'question') return;
      try {
        const chat = this.#chat ?? (await this.#relay.openChat()).id;
        if (era !== this.#era) return;
        this.#chat = chat;
        this.#kept.set('chat', chat);
        this.store.set({ chat });
        const { replaces } = question;
        const accepted = await this.#relay.post(chat, {
          id,
          parts: [...(question.files ?? []), ...(question.text === '' ? [] : [{ type: 'text' as const, text: question.text }])],
          ...(replaces === undefined ? {} : { replaces }),
        });
        if (era === this.#era) this.#accepted(accepted);
        return;
      } catch (error) {
        if (era !== this.#era) return;
        const passing = error instanceof AwayError || (error instanceof ProblemError && error.status >= 500);
        if (!passing || Date.now() - begun > PATIENCE_MS) {
          this.#patch(id, { delivery: 'failed', problem: refusal(error, this.#open()) });
          if (error instanceof ProblemError && error.status === 401) this.#onLost(error);
          return;
        }
        this.#patch(id, { delivery: 'unsent' });
        await this.#pause(Math.min(LONGEST_PAUSE_MS, 500 * 2 ** (attempt - 1)));
      }
    }
  }

  #accepted(accepted: Accepted): void {
    const at = this.#entries.findIndex((entry) => entry.id === accepted.messageId);
    this.#patch(accepted.messageId, { delivery: 'sent' }, 'problem');
    const place = this.#entries[at + 1];
    if (place?.kind === 'answer' && place.id.startsWith('?')) place.id = accepted.answerId;
    else if (!['done', 'failed', 'cancelled'].includes(accepted.run.state)) this.#expect(accepted.run, at + 1);
    this.#publish();
    this.#read(accepted.cursor);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Replaces an entry by a changed copy; `without` names a field to leave out. */
  #patch(id: string, change: Partial<Question> & Partial<Answer>, without?: 'problem'): void {
    this.#entries = this.#entries.map((entry) => {
      if (entry.id !== id) return entry;
      const next = { ...entry, ...change } as Entry;
      if (without) delete next[without];
      return next;
    });
    this.#publish();
  }

  /** Once per frame of the screen, however many deltas arrive. */
  #soon(): void {
    if (this.#painting) return;
    this.#painting = true;
    const paint = () => {
      this.#painting = false;
      const answer = this.#answer();
      if (!answer) return;
      const parts = this.#shown();
      this.#patch(answer.id, { parts, again: answer.again && (parts.length === 0 || this.#stale.length > 0) });
    };
    // A hidden page gets no animation frames.
    if (document.hidden) setTimeout(paint, 250);
    else requestAnimationFrame(paint);
  }

  #publish(): void {
    this.store.set({ entries: [...this.#entries] });
  }
}

/** The answer's markdown, exactly as the history has it. */
export function markdownOf(answer: Answer): string {
  return answer.parts.map(({ part }) => (part.type === 'text' ? part.text : '')).join('');
}

/** Nothing more will come. */
export function over(answer: Answer): boolean {
  return answer.phase === 'done' || answer.phase === 'stopped' || answer.phase === 'failed';
}

export function failureText(answer: Answer): string {
  return answer.metadata.failure?.text ?? t('turn.failed');
}

/** How much text there is to see. */
function textLength(parts: LivePart[]): number {
  return parts.reduce((sum, { part }) => sum + (part.type === 'text' ? part.text.length : 0), 0);
}

function waiting(id: string, position: number): Answer {
  return { kind: 'answer', id, phase: 'queued', parts: [], metadata: {}, position, again: false };
}

function asked(message: ChatMessage): Question {
  const text = message.parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
  const at = message.metadata?.createdAt;
  const files = message.parts.filter((part) => part.type === 'file');
  return { kind: 'question', id: message.id, text, files, delivery: 'sent', ...(at === undefined ? {} : { at }) };
}

function answered(message: ChatMessage): Answer {
  const metadata = message.metadata ?? {};
  return {
    kind: 'answer',
    id: message.id,
    phase: metadata.state ?? 'done',
    parts: message.parts.map((part, at) => ({ key: String(at), part, closed: true })),
    metadata,
    position: 0,
    again: false,
  };
}

/**
 * Finished messages as entries, each answer after its question. The history has them in the order in
 * which they were stored, so that a second question stands before the answer to the first.
 */
function paired(messages: ChatMessage[]): Entry[] {
  const entries: Entry[] = [];
  const open: Question[] = [];
  for (const message of messages) {
    if (message.role === 'user') {
      const question = asked(message);
      entries.push(question);
      open.push(question);
    } else {
      const question = open.shift();
      const at = question ? entries.indexOf(question) + 1 : entries.length;
      entries.splice(at, 0, answered(message));
    }
  }
  return entries;
}

function refusal(error: unknown, open: number): Said {
  if (!(error instanceof ProblemError)) return { key: 'send.failed' };
  switch (error.code) {
    case 'rate_limited':
      return { key: 'send.limited', vars: { wait: waitText(error.retryAfter ?? 60) } };
    case 'chat_full':
      // One code for two limits: too many waiting turns pass, too many messages do not.
      return { key: open >= 3 ? 'send.busy' : 'send.full' };
    case 'too_large':
      return { key: 'send.too-long' };
    case 'invalid_text':
      return { key: 'send.invalid' };
    default:
      return error.passing ? { key: 'send.failed' } : { key: 'send.problem', vars: { reason: error.detail ?? error.message } };
  }
}

function now(): string {
  return new Date().toISOString();
}
