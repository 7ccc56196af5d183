/**
 * Bytes of the wire. All numbers are big-endian; whole numbers stay below 2^53.
 */
import { Violation } from "./reason";

/** What WebCrypto takes: an array over a buffer of its own, not a shared one. */
export type Bytes = Uint8Array<ArrayBuffer>;

export const MAX_NUMBER = Number.MAX_SAFE_INTEGER;

const TWO_32 = 0x1_0000_0000;

export function concat(...parts: readonly Uint8Array[]): Bytes {
  let length = 0;
  for (const part of parts) length += part.length;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function ascii(text: string): Bytes {
  return new TextEncoder().encode(text);
}

export function u16(value: number): Bytes {
  return Uint8Array.of(value >>> 8, value);
}

export function u32(value: number): Bytes {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}

export function u64(value: number): Bytes {
  return concat(u32(Math.floor(value / TWO_32)), u32(value % TWO_32));
}

/** A string as its length in two bytes and its UTF-8. */
export function prefixed(text: string): Bytes {
  const utf8 = new TextEncoder().encode(text);
  return concat(u16(utf8.length), utf8);
}

/** Equal, without telling by time where not. */
export function same(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] as number);
  return difference === 0;
}

/** Reads a packet from its beginning; whatever does not fit is `malformed`. */
export class Reader {
  private at = 0;
  private readonly whole: Bytes;

  constructor(whole: Bytes) {
    this.whole = whole;
  }

  get remaining(): number {
    return this.whole.length - this.at;
  }

  bytes(count: number): Bytes {
    if (count > this.remaining) throw new Violation("malformed");
    this.at += count;
    return this.whole.slice(this.at - count, this.at);
  }

  u8(): number {
    return this.bytes(1)[0] as number;
  }

  u16(): number {
    return this.u8() * 0x100 + this.u8();
  }

  u32(): number {
    return this.u16() * 0x1_0000 + this.u16();
  }

  /** Four bytes, at least `least` and below 2^31. */
  u31(least: number): number {
    const value = this.u32();
    if (value < least || value > 0x7fff_ffff) throw new Violation("malformed");
    return value;
  }

  /** Eight bytes, rounded beyond 2^53: good for comparing with a smaller number. */
  u64(): number {
    return this.u32() * TWO_32 + this.u32();
  }

  u53(): number {
    const value = this.u64();
    if (value > MAX_NUMBER) throw new Violation("malformed");
    return value;
  }

  text(): string {
    const utf8 = this.bytes(this.u16());
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(utf8);
    } catch {
      throw new Violation("malformed");
    }
  }

  end(): void {
    if (this.remaining > 0) throw new Violation("malformed");
  }
}
