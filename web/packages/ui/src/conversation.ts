import { ProblemError, follow, type Accepted, type Follower, type Relay } from '@tendril/stream';
import { told, type FilePart, type Question } from './entries';
import { randomId, type Kept } from './kept';
import { Ledger } from './ledger';
import { Reading } from './reading';
import { Pause, Sending } from './sending';
import { t } from './text';

/**
 * One visitor's chat: what was said, what is being answered, what is not sent yet. The relay has the
 * truth; this is its picture, built from the history and kept current by the stream. Knows nothing of
 * the DOM.
 */
export class Conversation {
  readonly ledger = new Ledger();
  readonly store = this.ledger.store;
  readonly #reading = new Reading(this.ledger);
  readonly #pause = new Pause();
  readonly #sending: Sending;
  readonly #relay: Relay;
  readonly #kept: Kept;
  readonly #onLost: (error: ProblemError) => void;
  #chat: string | null;
  #follower: Follower | null = null;

  constructor(relay: Relay, kept: Kept, onLost: (error: ProblemError) => void) {
    this.#relay = relay;
    this.#kept = kept;
    this.#onLost = onLost;
    this.#chat = kept.get('chat');
    const sender = { relay, lost: onLost, chat: () => this.#opened(), accepted: (accepted: Accepted) => this.#accepted(accepted) };
    this.#sending = new Sending(this.ledger, sender, this.#pause);
  }

  /** Takes up the chat of before, if there is one. */
  async begin(): Promise<void> {
    if (this.#chat === null) return;
    const { era } = this.ledger;
    this.store.set({ loading: true, chat: this.#chat });
    try {
      const cursor = await this.#history(era);
      if (era === this.ledger.era) this.#read(cursor);
    } catch (error) {
      if (era !== this.ledger.era) return;
      if (error instanceof ProblemError && error.status === 404) this.fresh();
      else if (error instanceof ProblemError && !error.passing) this.#onLost(error);
      else {
        this.store.set({ away: { retryMs: 2_000 } });
        await this.#pause.of(2_000);
        if (era === this.ledger.era) await this.begin();
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
    this.ledger.clear(next);
  }

  /** Stops reading; nothing is lost. */
  close(): void {
    this.ledger.era++;
    this.#follower?.stop();
    this.#follower = null;
    this.#reading.reset();
    this.#pause.end();
  }

  /** The page has come back, or the visitor does not want to wait. */
  nudge(): void {
    this.#pause.end();
    this.#follower?.nudge();
  }

  /** Shows the message at once and sends it until the relay has it. */
  send(text: string, replaces?: string, files: FilePart[] = []): void {
    const question: Question = { kind: 'question', id: `m_${randomId()}`, text, files, delivery: 'sending', at: new Date().toISOString() };
    if (replaces !== undefined && this.ledger.cut(replaces)) question.replaces = replaces;
    this.ledger.entries.push(question);
    this.ledger.publish();
    this.#sending.deliver(question.id);
  }

  /** Sends a failed message again under its own id. */
  sendAgain(id: string): void {
    this.store.set({ consent: null });
    this.ledger.patch(id, { delivery: 'sending' }, 'problem');
    this.#sending.deliver(id);
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

  /** Asks for the last turn again; for one that was answered, too. */
  async retry(answerId: string): Promise<void> {
    const chat = this.#chat;
    if (chat === null) return;
    const ledger = this.ledger;
    ledger.patch(answerId, {}, 'problem');
    const { era } = ledger;
    const answer = ledger.find(answerId);
    try {
      const accepted = await (answer?.kind === 'answer' && answer.phase === 'done' ? this.#relay.regenerate(chat) : this.#relay.retry(chat));
      if (era !== ledger.era) return;
      ledger.expect(accepted.run, ledger.entries.length);
      ledger.publish();
      this.#read(accepted.cursor);
    } catch (error) {
      if (era !== ledger.era) return;
      if (error instanceof ProblemError && error.status === 401) this.#onLost(error);
      else if (error instanceof ProblemError && error.status === 409) await this.begin();
      else ledger.patch(answerId, { problem: { key: 'turn.retry-failed' } });
    }
  }

  /** Reads the history; returns where the stream goes on, null for a turn in flight. */
  async #history(era: number): Promise<string | null> {
    const id = this.#chat;
    if (id === null) return null;
    const ledger = this.ledger;
    // The state first: what ends between the two calls stands in the messages.
    const chat = await this.#relay.chat(id);
    const page = await this.#relay.messages(id);
    if (era !== ledger.era) return null;
    const unsent = ledger.entries.filter((entry) => entry.kind === 'question' && entry.delivery !== 'sent');
    const known = new Set(page.messages.map((message) => message.id));
    ledger.entries = told(page.messages);
    this.#reading.reset();
    const { run } = chat;
    const active = run && (run.state === 'waiting' || run.state === 'ready' || run.state === 'running') && !known.has(run.answerId);
    if (active) ledger.expectAll(run);
    ledger.entries.push(...unsent.filter((entry) => !known.has(entry.id)));
    this.store.set({ earlier: page.next ?? null, worker: chat.worker, loading: false });
    ledger.publish();
    return active ? null : chat.cursor;
  }

  #read(cursor: string | null): void {
    if (this.#follower) return;
    const ledger = this.ledger;
    const { era } = ledger;
    this.#reading.begin();
    const chat = this.#chat ?? '';
    this.#follower = follow(cursor, {
      open: (after, signal) => this.#relay.stream(chat, after, signal),
      frame: (frame) => era === ledger.era && this.#reading.take(frame),
      connection: (state, retryMs) => {
        if (era !== ledger.era) return;
        if (state === 'live') this.#connected();
        else this.store.set({ away: { retryMs: retryMs ?? 0 } });
      },
      reload: async () => {
        const next = await this.#history(era);
        if (era === ledger.era) this.#connected();
        return next;
      },
      lost: (error) => {
        if (era !== ledger.era) return;
        this.#follower = null;
        if (error.status === 404) this.fresh();
        else this.#onLost(error);
      },
    });
  }

  #connected(): void {
    // What waits to be sent need not wait any longer.
    this.#pause.end();
    if (this.store.state.away !== null) this.store.set({ away: null });
  }

  /** The chat's id; it is opened with its first message. */
  async #opened(): Promise<string> {
    const { era } = this.ledger;
    const chat = this.#chat ?? (await this.#relay.openChat()).id;
    if (era === this.ledger.era) {
      this.#chat = chat;
      this.#kept.set('chat', chat);
      this.store.set({ chat });
    }
    return chat;
  }

  #accepted(accepted: Accepted): void {
    const ledger = this.ledger;
    const at = ledger.entries.findIndex((entry) => entry.id === accepted.messageId);
    ledger.patch(accepted.messageId, { delivery: 'sent' }, 'problem');
    const place = ledger.entries[at + 1];
    if (place?.kind === 'answer' && place.id.startsWith('?')) place.id = accepted.answerId;
    else if (!['done', 'failed', 'cancelled'].includes(accepted.run.state)) ledger.expect(accepted.run, at + 1);
    ledger.publish();
    this.#read(accepted.cursor);
  }
}
