import type { Presence, RunStatus } from '@tendril/stream';
import { over, waiting, type Answer, type Entry, type Question } from './entries';
import { Store } from './store';

/** What is known of one chat, for the page to show. */
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
  /** The message that waits until the visitor agrees to the site's text. */
  consent: string | null;
}

const EMPTY: Talk = {
  entries: [], loading: false, earlier: null, away: null, worker: null, stopping: false, status: '', ended: 0, chat: null, consent: null,
}; // prettier-ignore

/** The entries of the chat that is open, and the state that the page sees. */
export class Ledger {
  readonly store = new Store<Talk>(EMPTY);
  entries: Entry[] = [];
  /** Rises when the chat changes: what comes late for the old one is dropped. */
  era = 0;

  /** Empties everything but what belongs to no chat. */
  clear(chat: string | null): void {
    this.entries = [];
    const { worker, ended } = this.store.state;
    this.store.set({ ...EMPTY, worker, ended, chat });
  }

  find(id: string | null): Entry | undefined {
    return this.entries.find((entry) => entry.id === id);
  }

  /** Turns that have no answer yet. */
  open(): Answer[] {
    return this.entries.filter((entry): entry is Answer => entry.kind === 'answer' && !over(entry));
  }

  /** Drops a question that is worded anew, and what came after it. */
  cut(id: string | undefined): boolean {
    const at = this.entries.findIndex((entry) => entry.id === id);
    if (at >= 0) this.entries = this.entries.slice(0, at);
    return at >= 0;
  }

  /** A place for an answer that will come. */
  expect(run: RunStatus, at: number): void {
    if (!this.find(run.answerId)) this.entries.splice(at, 0, waiting(run.answerId, run.state === 'waiting' ? 0 : run.position));
  }

  /** Places for the head's answer and for those that wait behind it. */
  expectAll(head: RunStatus): void {
    const at = this.entries.findIndex((entry) => entry.id === head.messageId);
    if (at < 0) {
      this.expect(head, this.entries.length);
      return;
    }
    this.expect(head, at + 1);
    for (let next = at + 2; next < this.entries.length; next++) {
      const question = this.entries[next];
      if (question?.kind === 'question' && this.entries[next + 1]?.kind !== 'answer') {
        this.entries.splice(next + 1, 0, waiting(`?${question.id}`, 0));
      }
    }
  }

  /** Replaces an entry by a changed copy; `without` names a field to leave out. */
  patch(id: string, change: Partial<Question> & Partial<Answer>, without?: 'problem'): void {
    this.entries = this.entries.map((entry) => {
      if (entry.id !== id) return entry;
      const next = { ...entry, ...change } as Entry;
      if (without) delete next[without];
      return next;
    });
    this.publish();
  }

  publish(): void {
    this.store.set({ entries: [...this.entries] });
  }
}
