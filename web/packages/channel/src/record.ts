/**
 * Records: one sealed frame each, accepted only in exact order.
 *
 * ```
 * 0 kind=3 · 1 version=1 · 2 suite=1 · 3 direction · 4 session[8] · 12 epoch u32 · 16 counter u64
 * 24 expires u64 (ms of session time) · 32 ciphertext and tag       bytes 0 to 31 are the AEAD's data
 * ```
 */
import { type Bytes, MAX_NUMBER, Reader, concat, same, u32, u64 } from "./bytes";
import { BLOCK_BYTES, MAX_DATA_BYTES, type Side, pad, unpad } from "./frame";
import { type CipherState, TAG_BYTES, labelled, sha256 } from "./noise";
import { required } from "./reason";

export const VERSION = 1;
export const SUITE = 1;
export const OPEN = 1;
export const ACCEPT = 2;
export const RECORD = 3;

const HEADER_BYTES = 32;
export const MAX_PACKET_BYTES = HEADER_BYTES + MAX_DATA_BYTES + BLOCK_BYTES + TAG_BYTES;

/** The numbers of the record layer, times in milliseconds. Both sides must use the same; only tests use others. */
export interface Limits {
  readonly rekeyRecords: number;
  readonly rekeyAge: number;
  readonly rekeyGrace: number;
  readonly lifetime: number;
  readonly ping: number;
  readonly silence: number;
  readonly handshake: number;
  readonly age: number;
}

export const STANDARD: Limits = {
  rekeyRecords: 2 ** 20,
  rekeyAge: 15 * 60_000,
  rekeyGrace: 2 * 60_000,
  lifetime: 45_000,
  ping: 15_000,
  silence: 40_000,
  handshake: 10_000,
  age: 12 * 3_600_000,
};

export function directionOf(side: Side): number {
  return side === "device" ? 1 : 2;
}

/** A running hash over header and tag of each record of one direction. */
export class Transcript {
  private chain: Bytes;

  private constructor(chain: Bytes) {
    this.chain = chain;
  }

  static async of(handshakeHash: Bytes, sender: Side): Promise<Transcript> {
    return new Transcript(
      await labelled("tendril channel chain", Uint8Array.of(directionOf(sender)), handshakeHash),
    );
  }

  get value(): Bytes {
    return this.chain;
  }

  async add(packet: Bytes): Promise<void> {
    this.chain = await sha256(this.chain, packet.slice(0, HEADER_BYTES), packet.slice(packet.length - TAG_BYTES));
  }
}

/** What both directions share: key, session, counters. */
abstract class Direction {
  protected readonly cipher: CipherState;
  protected readonly session: Bytes;
  protected readonly direction: number;
  protected readonly limits: Limits;
  protected readonly transcript: Transcript;
  protected epoch = 0;
  protected counter = 0;
  protected epochCounter = 0;
  protected epochStart = 0;

  constructor(cipher: CipherState, session: Bytes, sender: Side, limits: Limits, transcript: Transcript) {
    this.cipher = cipher;
    this.session = session;
    this.direction = directionOf(sender);
    this.limits = limits;
    this.transcript = transcript;
  }

  protected async next(now: number): Promise<void> {
    await this.cipher.rekey();
    this.epoch++;
    this.epochCounter = this.counter;
    this.epochStart = now;
  }
}

export class RecordSealer extends Direction {
  /** Whether only a `rekey` or a `close` may be the next record. */
  rekeyDue(now: number): boolean {
    return (
      this.counter - this.epochCounter >= this.limits.rekeyRecords - 1 || now - this.epochStart >= this.limits.rekeyAge
    );
  }

  get nextEpoch(): number {
    return this.epoch + 1;
  }

  async seal(frame: Bytes, now: number): Promise<Bytes> {
    const header = concat(
      Uint8Array.of(RECORD, VERSION, SUITE, this.direction),
      this.session,
      u32(this.epoch),
      u64(this.counter),
      u64(now + this.limits.lifetime),
    );
    const packet = concat(header, await this.cipher.encrypt(this.counter, header, pad(frame)));
    this.counter++;
    await this.transcript.add(packet);
    return packet;
  }

  /** The `rekey` was the last record under the old key. */
  async rekey(now: number): Promise<void> {
    await this.next(now);
  }
}

export class RecordOpener extends Direction {
  /** The encoded frame; a violation when the packet is anything but the next record in time. */
  async open(packet: Bytes, now: number): Promise<Bytes> {
    const body = packet.length - HEADER_BYTES - TAG_BYTES;
    required(packet.length <= MAX_PACKET_BYTES, "oversize");
    required(body >= BLOCK_BYTES && body % BLOCK_BYTES === 0, "malformed");
    const reader = new Reader(packet);
    required(reader.u8() === RECORD, "malformed");
    required(reader.u8() === VERSION, "unsupported_version");
    required(reader.u8() === SUITE, "unsupported_version");
    required(reader.u8() === this.direction, "wrong_direction");
    required(same(reader.bytes(this.session.length), this.session), "other_session");
    const epoch = reader.u32();
    const counter = reader.u64();
    const expires = reader.u64();
    required(counter >= this.counter, "replayed");
    required(counter === this.counter, "gap");
    required(epoch === this.epoch, "wrong_epoch");
    required(this.counter - this.epochCounter < this.limits.rekeyRecords, "rekey_overdue");

    const padded = await this.cipher.decrypt(
      this.counter,
      packet.slice(0, HEADER_BYTES),
      packet.slice(HEADER_BYTES),
    );
    required(expires <= MAX_NUMBER, "malformed");
    required(now <= expires, "expired");
    this.counter++;
    await this.transcript.add(packet);
    return unpad(padded);
  }

  /** Whether the key in use is older than its sender may leave it. */
  rekeyOverdue(now: number): boolean {
    return now - this.epochStart > this.limits.rekeyAge + this.limits.rekeyGrace;
  }

  async rekey(announced: number, now: number): Promise<void> {
    required(announced === this.epoch + 1, "wrong_epoch");
    await this.next(now);
  }
}
