import type { Feedback, Marks, Relay } from '@tendril/stream';
import { Store } from './store';
import { t } from './text';

/** What the visitor thinks of answers, and the message that they want to come back to. */
export type Verdict = 'up' | 'down';

export interface Marked {
  /** The pinned message. */
  pinned: string | null;
  /** By answer. */
  verdicts: Record<string, Verdict>;
  /** What did not get through, for screen readers. */
  problem: string;
}

/** The marks of one chat: a change is shown at once, and taken back if the relay does not take it. */
export class ChatMarks {
  readonly store = new Store<Marked>({ pinned: null, verdicts: {}, problem: '' });
  readonly #relay: Relay;
  readonly #path: string;

  constructor(relay: Relay, chat: string) {
    this.#relay = relay;
    this.#path = `/api/v1/chats/${encodeURIComponent(chat)}`;
  }

  async load(): Promise<void> {
    // Without them the chat is the same.
    const marks = await this.#relay.json<Marks>('GET', `${this.#path}/marks`).catch(() => null);
    if (marks === null) return;
    const verdicts = Object.fromEntries(marks.feedback.map(({ messageId, verdict }) => [messageId, verdict as Verdict]));
    this.store.set({ pinned: marks.pinned ?? null, verdicts });
  }

  /** Pins a message of this chat; the pinned one is let go. */
  async pin(id: string): Promise<void> {
    const messageId = this.store.state.pinned === id ? null : id;
    await this.#mark({ pinned: messageId }, 'pin', { messageId });
  }

  /** Stores what the visitor thinks of an answer; null takes it back. */
  async judge(messageId: string, verdict: Verdict | null, words = ''): Promise<void> {
    const verdicts = { ...this.store.state.verdicts };
    if (verdict === null) delete verdicts[messageId];
    else verdicts[messageId] = verdict;
    const feedback: Feedback = { messageId, verdict, ...(words === '' ? {} : { words }) };
    await this.#mark({ verdicts }, 'feedback', feedback);
  }

  async #mark(change: Partial<Marked>, call: string, body: object): Promise<void> {
    const before = this.store.state;
    this.store.set({ ...change, problem: '' });
    try {
      await this.#relay.call('POST', `${this.#path}/${call}`, body);
    } catch {
      this.store.set({ ...before, problem: t('chat.failed') });
    }
  }
}
