import { AwayError, ProblemError, type Accepted, type Relay } from '@tendril/stream';
import type { Ledger } from './ledger';
import { refusal } from './refusal';

/** A message is tried for this long before the visitor is asked. Milliseconds. */
const PATIENCE_MS = 120_000;
const LONGEST_PAUSE_MS = 8_000;

/** A pause that can be cut short. */
export class Pause {
  #end = () => {};

  of(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#end = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  end(): void {
    this.#end();
  }
}

/** What sending needs of the chat around it. */
export interface Sender {
  relay: Relay;
  /** The chat's id; it is opened with its first message. */
  chat(): Promise<string>;
  accepted(accepted: Accepted): void;
  /** The session is over. */
  lost(error: ProblemError): void;
}

/** Sends messages one after the other, so that they arrive in order, each until the relay has it. */
export class Sending {
  readonly #ledger: Ledger;
  readonly #sender: Sender;
  readonly #pause: Pause;
  #line: Promise<void> = Promise.resolve();

  constructor(ledger: Ledger, sender: Sender, pause: Pause) {
    this.#ledger = ledger;
    this.#sender = sender;
    this.#pause = pause;
  }

  deliver(id: string): void {
    this.#line = this.#line.then(() => this.#post(id));
  }

  async #post(id: string): Promise<void> {
    const ledger = this.#ledger;
    const { era } = ledger;
    const begun = Date.now();
    for (let attempt = 1; ; attempt++) {
      const question = ledger.find(id);
      if (era !== ledger.era || question?.kind !== 'question') return;
      try {
        const chat = await this.#sender.chat();
        if (era !== ledger.era) return;
        const { replaces, text, files = [] } = question;
        const accepted = await this.#sender.relay.post(chat, {
          id,
          parts: [...files, ...(text === '' ? [] : [{ type: 'text' as const, text }])],
          ...(replaces === undefined ? {} : { replaces }),
        });
        if (era === ledger.era) this.#sender.accepted(accepted);
        return;
      } catch (error) {
        if (era !== ledger.era) return;
        const passing = error instanceof AwayError || (error instanceof ProblemError && error.status >= 500);
        if (!passing || Date.now() - begun > PATIENCE_MS) {
          ledger.patch(id, { delivery: 'failed', problem: refusal(error, ledger.open().length) });
          if (error instanceof ProblemError && error.code === 'consent_required') ledger.store.set({ consent: id });
          if (error instanceof ProblemError && error.status === 401) this.#sender.lost(error);
          return;
        }
        ledger.patch(id, { delivery: 'unsent' });
        await this.#pause.of(Math.min(LONGEST_PAUSE_MS, 500 * 2 ** (attempt - 1)));
      }
    }
  }
}
