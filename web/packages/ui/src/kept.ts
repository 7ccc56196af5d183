/**
 * What a tab keeps over a reload: `sessionStorage`, which ends with the tab, or memory where that is
 * forbidden. Nothing is written before the visitor does something.
 */
export class Kept {
  readonly #prefix: string;
  readonly #memory = new Map<string, string>();

  constructor(site: string) {
    this.#prefix = `tendril:${site}:`;
  }

  get(name: string): string | null {
    try {
      return sessionStorage.getItem(this.#prefix + name);
    } catch {
      return this.#memory.get(name) ?? null;
    }
  }

  /** null removes. */
  set(name: string, value: string | null): void {
    try {
      if (value === null) sessionStorage.removeItem(this.#prefix + name);
      else sessionStorage.setItem(this.#prefix + name, value);
    } catch {
      if (value === null) this.#memory.delete(name);
      else this.#memory.set(name, value);
    }
  }
}

/** An id of 100 random bits that is safe in a URL; works without a secure context too. */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(20));
  return Array.from(bytes, (byte) => 'abcdefghijklmnopqrstuvwxyz234567'.charAt(byte & 31)).join('');
}
