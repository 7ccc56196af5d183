/**
 * What one record carries, and its one encoding: a type byte, then the fields in order.
 * A type that is not here ends the channel with `unknown_type`.
 */
import { type Bytes, MAX_NUMBER, Reader, concat, prefixed, u16, u32, u64 } from "./bytes";
import { type CloseReason, Violation, reasonCode, reasonOf, required } from "./reason";

export type Side = "device" | "worker";

/** The registry of what a stream may carry: code, who opens, bytes that each may send before the first credit. */
const KINDS = {
  operator: { code: 1, opener: "device", device: 64 << 10, worker: 256 << 10 },
  terminal: { code: 2, opener: "device", device: 256 << 10, worker: 512 << 10 },
  approval: { code: 3, opener: "worker", device: 16 << 10, worker: 64 << 10 },
  watch: { code: 4, opener: "device", device: 16 << 10, worker: 512 << 10 },
} as const satisfies Record<string, { code: number; opener: Side; device: number; worker: number }>;

const ENDS = { done: 1, forbidden: 2, not_found: 3, limit: 4, failed: 5 } as const;
const SCOPES = { chat: 1, trace: 2, terminal: 4, admin: 8 } as const;

export type StreamKind = keyof typeof KINDS;
export type StreamEnd = keyof typeof ENDS;
export type Scope = keyof typeof SCOPES;

/** Opens a stream. Identifiers rise by two; odd ones belong to the device, even ones to the worker. */
export interface OpenStream {
  readonly type: "openStream";
  readonly stream: number;
  readonly kind: StreamKind;
  /** What the kind needs to begin, at most 1,024 bytes. */
  readonly opening: Bytes;
}
/** Ends a stream in both directions; the other side answers with the same. */
export interface CloseStream {
  readonly type: "closeStream";
  readonly stream: number;
  readonly end: StreamEnd;
}
/** 1 to 61,440 bytes of a stream; `more`: the message goes on in the stream's next data. */
export interface Data {
  readonly type: "data";
  readonly stream: number;
  readonly more: boolean;
  readonly bytes: Bytes;
}
/** Raises what the other side may send, in bytes since the stream was opened. */
export interface Credit {
  readonly type: "credit";
  readonly stream: number;
  readonly total: number;
}
/** Asks for the transcript. */
export interface Ping {
  readonly type: "ping";
  readonly id: number;
}
/** The transcript of everything received up to the ping and with it. */
export interface Pong {
  readonly type: "pong";
  readonly id: number;
  readonly chain: Bytes;
}
/** The sender's last record under its current key. */
export interface Rekey {
  readonly type: "rekey";
  readonly epoch: number;
}
/** Pairing, step 1: a label of 1 to 64 characters. */
export interface PairRequest {
  readonly type: "pairRequest";
  readonly label: string;
}
/** Pairing, step 2: the device's own PSK, 32 bytes. */
export interface PairGrant {
  readonly type: "pairGrant";
  readonly psk: Bytes;
  readonly scopes: readonly Scope[];
}
/** Pairing, step 3: the device has stored its PSK. */
export interface PairDone {
  readonly type: "pairDone";
}
/** The sender's last record of all. */
export interface Close {
  readonly type: "close";
  readonly reason: CloseReason;
}

export type StreamFrame = OpenStream | CloseStream | Data | Credit;
export type PairFrame = PairRequest | PairGrant | PairDone;
export type ChannelFrame = StreamFrame | PairFrame | Ping | Pong | Rekey | Close;

export const MAX_DATA_BYTES = 60 << 10;
export const BLOCK_BYTES = 32;

const MAX_OPENING_BYTES = 1024;
const MAX_LABEL = 64;
// Control, invisible and direction-changing characters: a label is shown to the person who decides.
const MISLEADING: readonly (readonly [number, number])[] = [
  [0x00, 0x1f],
  [0x7f, 0x9f],
  [0x200b, 0x200f],
  [0x2028, 0x202e],
  [0x2060, 0x206f],
  [0xfeff, 0xfeff],
];

export function opener(kind: StreamKind): Side {
  return KINDS[kind].opener;
}

/** Bytes that `sender` may send on a new stream before it gets more credit. */
export function window(kind: StreamKind, sender: Side): number {
  return KINDS[kind][sender];
}

/** Throws a RangeError for a frame that the peer would refuse. */
export function encode(frame: ChannelFrame): Bytes {
  const encoded = write(frame);
  try {
    if (frame.type === "data") checkData(frame);
    else decode(encoded);
  } catch (refused) {
    if (refused instanceof Violation) throw new RangeError(`${frame.type} is ${refused.reason}`);
    throw refused;
  }
  return encoded;
}

function checkData(frame: Data): void {
  required(frame.stream >= 1 && frame.stream <= 0x7fff_ffff, "malformed");
  required(frame.bytes.length >= 1, "malformed");
  required(frame.bytes.length <= MAX_DATA_BYTES, "oversize");
}

function write(frame: ChannelFrame): Bytes {
  switch (frame.type) {
    case "openStream":
      return concat(
        type(0x01),
        u32(frame.stream),
        u16(KINDS[frame.kind].code),
        u16(frame.opening.length),
        frame.opening,
      );
    case "closeStream":
      return concat(type(0x02), u32(frame.stream), type(ENDS[frame.end]));
    case "data":
      return concat(type(0x03), u32(frame.stream), type(frame.more ? 1 : 0), frame.bytes);
    case "credit":
      return concat(type(0x04), u32(frame.stream), u64(whole(frame.total)));
    case "ping":
      return concat(type(0x05), u64(whole(frame.id)));
    case "pong":
      return concat(type(0x06), u64(whole(frame.id)), frame.chain);
    case "rekey":
      return concat(type(0x07), u32(frame.epoch));
    case "close":
      return concat(type(0x08), type(reasonCode(frame.reason)));
    case "pairRequest":
      return concat(type(0x10), prefixed(frame.label));
    case "pairGrant":
      if (frame.psk.length !== 32) throw new RangeError("a psk has 32 bytes");
      return concat(type(0x11), frame.psk, u16(frame.scopes.reduce((bits, scope) => bits | SCOPES[scope], 0)));
    case "pairDone":
      return type(0x12);
  }
}

export function decode(encoded: Bytes): ChannelFrame {
  const reader = new Reader(encoded);
  const frame = read(reader);
  reader.end();
  return frame;
}

function read(reader: Reader): ChannelFrame {
  switch (reader.u8()) {
    case 0x01: {
      const stream = reader.u31(1);
      const kind = named(KINDS, (k) => k.code, reader.u16(), "unknown_kind");
      const length = reader.u16();
      required(length <= MAX_OPENING_BYTES, "oversize");
      return { type: "openStream", stream, kind, opening: reader.bytes(length) };
    }
    case 0x02:
      return {
        type: "closeStream",
        stream: reader.u31(1),
        end: named(ENDS, (code) => code, reader.u8(), "malformed"),
      };
    case 0x03: {
      const stream = reader.u31(1);
      const flags = reader.u8();
      required(flags <= 1 && reader.remaining > 0, "malformed");
      required(reader.remaining <= MAX_DATA_BYTES, "oversize");
      return { type: "data", stream, more: flags === 1, bytes: reader.bytes(reader.remaining) };
    }
    case 0x04:
      return { type: "credit", stream: reader.u31(1), total: reader.u53() };
    case 0x05:
      return { type: "ping", id: reader.u53() };
    case 0x06:
      return { type: "pong", id: reader.u53(), chain: reader.bytes(32) };
    case 0x07:
      return { type: "rekey", epoch: reader.u31(1) };
    case 0x08:
      return { type: "close", reason: reasonOf(reader.u8()) };
    case 0x10: {
      const label = reader.text();
      const characters = [...label];
      required(characters.length >= 1 && characters.length <= MAX_LABEL, "malformed");
      required(!characters.some(misleads), "malformed");
      return { type: "pairRequest", label };
    }
    case 0x11: {
      const psk = reader.bytes(32);
      const bits = reader.u16();
      const scopes = (Object.keys(SCOPES) as Scope[]).filter((scope) => (bits & SCOPES[scope]) !== 0);
      required(scopes.reduce((sum, scope) => sum | SCOPES[scope], 0) === bits, "malformed");
      return { type: "pairGrant", psk, scopes };
    }
    case 0x12:
      return { type: "pairDone" };
    default:
      throw new Violation("unknown_type");
  }
}

/** The frame, one byte `0x80`, and zeros up to a multiple of 32: what a keystroke weighs is hidden. */
export function pad(frame: Bytes): Bytes {
  const padded = new Uint8Array((Math.floor(frame.length / BLOCK_BYTES) + 1) * BLOCK_BYTES);
  padded.set(frame);
  padded[frame.length] = 0x80;
  return padded;
}

export function unpad(padded: Bytes): Bytes {
  const least = Math.max(1, padded.length - BLOCK_BYTES);
  let end = padded.length - 1;
  while (end > least && padded[end] === 0) end--;
  required(end >= least && padded[end] === 0x80, "malformed");
  return padded.slice(0, end);
}

function named<K extends string, V>(
  table: Readonly<Record<K, V>>,
  code: (value: V) => number,
  wanted: number,
  otherwise: CloseReason,
): K {
  const name = (Object.keys(table) as K[]).find((key) => code(table[key]) === wanted);
  if (name === undefined) throw new Violation(otherwise);
  return name;
}

function misleads(character: string): boolean {
  const code = character.codePointAt(0) as number;
  return MISLEADING.some(([first, last]) => code >= first && code <= last);
}

function type(code: number): Bytes {
  return Uint8Array.of(code);
}

function whole(value: number): number {
  if (!Number.isInteger(value) || value < 0 || value > MAX_NUMBER) throw new RangeError("not a whole number");
  return value;
}
