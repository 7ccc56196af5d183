import { plainText } from '@tendril/markdown';
import { FrameFolder, type ChatMessage, type Frame, type LivePart, type Metadata, type Presence } from '@tendril/stream';
import { asked, failureText, markdownOf, over, textLength, waiting, type Answer } from './entries';
import type { Ledger } from './ledger';
import { t } from './text';

/** Turns the frames of the stream into entries. */
export class Reading {
  readonly #ledger: Ledger;
  #folder = new FrameFolder();
  /** The answer whose frames arrive; null between answers and while known ones pass by. */
  #current: string | null = null;
  /** What a dead attempt had written: it stays on the screen until the next one has caught up. */
  #stale: LivePart[] = [];
  #failure: { code: string; retryable: boolean } | null = null;
  #painting = false;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** No answer is being read. */
  reset(): void {
    this.#current = null;
  }

  /** A stream begins. */
  begin(): void {
    this.#folder = new FrameFolder();
  }

  take(frame: Frame): void {
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
          if (answer) this.#ledger.patch(answer.id, { again: true });
        }
        this.#folder.accept(frame);
        if (!answer) return;
        if (frame.type === 'start-step' && answer.position > 0) this.#ledger.patch(answer.id, { position: 0 });
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
    const found = this.#current === null ? undefined : this.#ledger.find(this.#current);
    return found?.kind === 'answer' ? found : undefined;
  }

  #start(id: string, metadata?: Metadata): void {
    const ledger = this.#ledger;
    this.#folder = new FrameFolder();
    this.#stale = [];
    this.#failure = null;
    let answer = ledger.find(id);
    if (answer?.kind === 'answer' && over(answer)) {
      // The history has it already; its frames pass by.
      this.#current = null;
      return;
    }
    if (!answer) {
      // Nobody told us of this turn: it waits behind another, or belongs to another tab.
      answer = ledger.entries.find((entry) => entry.kind === 'answer' && entry.id.startsWith('?'));
      if (answer) answer.id = id;
      else ledger.entries.push((answer = waiting(id, 0)));
    }
    this.#current = id;
    ledger.patch(id, { phase: 'writing', metadata: { createdAt: new Date().toISOString(), ...metadata }, parts: [] });
    ledger.store.set({ status: t('say.answering') });
  }

  #end(phase: 'done' | 'stopped' | 'failed', metadata?: Metadata): void {
    const ledger = this.#ledger;
    // A turn can end before its answer began: then it is the first that waits.
    const answer = this.#answer() ?? (this.#current === null ? ledger.open()[0] : undefined);
    this.#current = null;
    if (answer && !over(answer)) {
      const live = this.#folder.live().map(({ key, part }) => ({ key, part, closed: true }));
      ledger.patch(answer.id, { phase, parts: live, metadata: { ...answer.metadata, ...metadata } });
      this.#announce(answer.id);
    }
    this.#folder = new FrameFolder();
    this.#stale = [];
    this.#failure = null;
    ledger.store.set({ stopping: false, ended: ledger.store.state.ended + 1 });
  }

  #announce(id: string): void {
    const { entries, store } = this.#ledger;
    const answers = entries.filter((entry): entry is Answer => entry.kind === 'answer');
    const answer = answers.find((entry) => entry.id === id);
    if (!answer) return;
    if (answer.phase === 'failed') store.set({ status: t('say.failed', { text: failureText(answer) }) });
    else if (answer.phase === 'stopped') store.set({ status: t('say.stopped') });
    else {
      const words = plainText(markdownOf(answer));
      const text = words.length > 300 ? `${words.slice(0, 300)}…` : words;
      store.set({ status: t('say.answered', { n: answers.indexOf(answer) + 1, text }) });
    }
  }

  #question(message: ChatMessage & { replaces?: string }): void {
    const ledger = this.#ledger;
    if (ledger.find(message.id)) {
      ledger.patch(message.id, { delivery: 'sent' }, 'problem');
      return;
    }
    // Another tab asked, or worded its last message anew.
    ledger.cut(message.replaces);
    const behind = ledger.open().length > 0;
    ledger.entries.push(asked(message), waiting(`?${message.id}`, behind ? 0 : 1));
    ledger.publish();
  }

  #status(status: { state: 'queued' | 'running'; position: number; worker: Presence }): void {
    const ledger = this.#ledger;
    ledger.store.set({ worker: status.worker });
    const answer = ledger.open()[0];
    if (!answer) return;
    const queued = status.state === 'queued';
    // What an attempt had written stays visible while the turn waits for the next one.
    const phase = answer.parts.length > 0 || !queued ? 'writing' : 'queued';
    ledger.patch(answer.id, { phase, position: queued ? Math.max(1, status.position) : 0 });
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
      this.#ledger.patch(answer.id, { parts, again: answer.again && (parts.length === 0 || this.#stale.length > 0) });
    };
    // A hidden page gets no animation frames.
    if (document.hidden) setTimeout(paint, 250);
    else requestAnimationFrame(paint);
  }
}
