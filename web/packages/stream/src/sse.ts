/**
 * Server-sent events from bytes, for any split of the bytes: inside a UTF-8 character, between the
 * two halves of a CR LF, in mid-field. Only what our streams use: `data`, `id`, `retry`, comments.
 */

export interface SseEvent {
  /** Lines of `data:` joined by LF; empty for a bare comment. */
  data: string;
  /** The `id:` of this very event; ids do not stick to later events. */
  id?: string;
}

/** One response's worth of parsing. Feed it in order; it keeps the unfinished rest. */
export class SseParser {
  readonly #decoder = new TextDecoder();
  #rest = '';
  #data: string[] = [];
  #id: string | undefined;
  #afterCr = false;

  /** Takes bytes, returns the events that they complete. */
  feed(bytes: Uint8Array): SseEvent[] {
    let text = this.#decoder.decode(bytes, { stream: true });
    if (text === '') return [];
    const cr = text.endsWith('\r');
    // A CR ended the last line; the LF of its pair comes only now.
    if (this.#afterCr && text.startsWith('\n')) text = text.slice(1);
    this.#afterCr = cr;
    const lines = (this.#rest + text).split(/\r\n|\r|\n/);
    this.#rest = lines.pop() ?? '';
    const events: SseEvent[] = [];
    for (const line of lines) {
      if (line === '') {
        if (this.#data.length > 0) {
          const event: SseEvent = { data: this.#data.join('\n') };
          if (this.#id !== undefined) event.id = this.#id;
          events.push(event);
        }
        this.#data = [];
        this.#id = undefined;
      } else if (line.startsWith('data:')) this.#data.push(value(line, 5));
      else if (line.startsWith('id:')) this.#id = value(line, 3);
    }
    return events;
  }
}

function value(line: string, from: number): string {
  return line.slice(line.charAt(from) === ' ' ? from + 1 : from);
}
