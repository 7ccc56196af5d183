/**
 * One authenticated session between a device and a worker: bytes in, bytes out. The caller moves packets in the order
 * in which they were returned, calls `tick` about once a second and grants credit as it consumes. Nothing is buffered.
 *
 * WebCrypto is asynchronous, so calls wait for each other: they take effect, and resolve, in the order in which they
 * were made.
 */
import { type Bytes, same } from "./bytes";
import {
  type ChannelFrame,
  type PairFrame,
  type Pong,
  type Side,
  type StreamFrame,
  decode,
  encode,
} from "./frame";
import { type CipherState, labelled } from "./noise";
import { sessionDigits } from "./pairing";
import { type CloseReason, type OrderlyReason, Violation, required } from "./reason";
import { type Limits, RecordOpener, RecordSealer, Transcript } from "./record";
import { Streams } from "./streams";

export type Purpose = "session" | "pair";

/** What a packet meant. The replies go out in order, before anything else. */
export type Received =
  | { readonly type: "delivered"; readonly frame: StreamFrame | PairFrame; readonly replies: readonly Bytes[] }
  | { readonly type: "nothing"; readonly replies: readonly Bytes[] }
  | {
      readonly type: "closed";
      readonly reason: CloseReason;
      /** Whether the peer said so in a `Close`. */
      readonly byPeer: boolean;
      readonly replies: readonly Bytes[];
    };

type PairStep = "request" | "grant" | "done" | "over";

const PAIR_STEPS: Readonly<Record<PairFrame["type"], { speaker: Side; step: PairStep; next: PairStep }>> = {
  pairRequest: { speaker: "device", step: "request", next: "grant" },
  pairGrant: { speaker: "worker", step: "grant", next: "done" },
  pairDone: { speaker: "device", step: "done", next: "over" },
};

interface Parts {
  readonly side: Side;
  readonly purpose: Purpose;
  readonly peerKey: Bytes;
  readonly handshakeHash: Bytes;
  readonly sending: CipherState;
  readonly receiving: CipherState;
  readonly limits: Limits;
  readonly now: () => number;
}

export class Channel {
  readonly purpose: Purpose;
  /** The peer's static public key. */
  readonly peerKey: Bytes;
  /** Eight digits that both sides show at pairing, `1234 5678`. */
  readonly digits: string;

  private readonly side: Side;
  private readonly limits: Limits;
  private readonly source: () => number;
  private readonly start: number;
  private readonly sealer: RecordSealer;
  private readonly opener: RecordOpener;
  private readonly sent: Transcript;
  private readonly accepted: Transcript;
  private readonly streams: Streams;
  private readonly pings: { readonly id: number; readonly at: number; readonly chain: Bytes }[] = [];
  private last = 0;
  private proven: boolean;
  private lastPing = 0;
  private lastPingAt: number;
  private roundTrip: number | undefined;
  private pairing: PairStep = "request";
  private ended: { readonly reason: CloseReason; readonly byPeer: boolean } | undefined;
  private queue: Promise<unknown> = Promise.resolve();

  private constructor(parts: Parts, digits: string, session: Bytes, sent: Transcript, accepted: Transcript) {
    const peer: Side = parts.side === "device" ? "worker" : "device";
    this.side = parts.side;
    this.purpose = parts.purpose;
    this.peerKey = parts.peerKey;
    this.digits = digits;
    this.limits = parts.limits;
    this.source = parts.now;
    this.start = parts.now();
    this.sent = sent;
    this.accepted = accepted;
    this.sealer = new RecordSealer(parts.sending, session, parts.side, parts.limits, sent);
    this.opener = new RecordOpener(parts.receiving, session, peer, parts.limits, accepted);
    this.streams = new Streams(parts.side);
    this.proven = parts.side === "device";
    this.lastPingAt = -parts.limits.ping;
  }

  /** Of a finished handshake; for `Initiator` and `Responder`. */
  static async of(parts: Parts): Promise<Channel> {
    const hash = parts.handshakeHash;
    const peer: Side = parts.side === "device" ? "worker" : "device";
    return new Channel(
      parts,
      await sessionDigits(hash),
      (await labelled("tendril channel session", hash)).slice(0, 8),
      await Transcript.of(hash, parts.side),
      await Transcript.of(hash, peer),
    );
  }

  /** Whether the peer has proven that it holds the PSK. */
  get confirmed(): boolean {
    return this.proven;
  }

  /** Why the channel is over, or undefined while it lives. */
  get closed(): CloseReason | undefined {
    return this.ended?.reason;
  }

  /** Time between the last answered ping and its answer, or undefined before the first. */
  get roundTripMillis(): number | undefined {
    return this.roundTrip;
  }

  /** The identifier that this side's next `openStream` must have. */
  get nextStream(): number {
    return this.streams.nextId;
  }

  /** Streams that are open or being closed. */
  get streamCount(): number {
    return this.streams.count;
  }

  /** Bytes that may be sent on a stream now. */
  sendable(stream: number): number {
    return this.streams.sendable(stream);
  }

  /** Bytes received on an open stream so far; the base of the next credit. */
  received(stream: number): number {
    return this.streams.receivedBytes(stream);
  }

  /**
   * Seals one frame: one packet, or two when the key was due. Rejects when the channel is closed or unconfirmed, the
   * stream is not open, its credit is spent, or the frame does not fit the purpose; nothing is sent then.
   */
  send(frame: StreamFrame | PairFrame): Promise<readonly Bytes[]> {
    return this.serial(async () => {
      if (this.ended) throw new Error(this.ended.reason);
      if (!this.proven) throw new Error("unconfirmed");
      const encoded = encode(frame);
      this.leaving(frame);
      const packets: Bytes[] = [];
      await this.seal(encoded, this.millis(), packets);
      return packets;
    });
  }

  /** Takes the next packet of the transport, whoever wrote it. Never rejects for what it contains. */
  receive(packet: Bytes): Promise<Received> {
    return this.serial(async () => {
      if (this.ended) return { type: "closed", ...this.ended, replies: [] };
      const now = this.millis();
      try {
        const frame = decode(await this.opener.open(packet, now));
        this.proven = true;
        return await this.accept(frame, now);
      } catch (violation) {
        if (!(violation instanceof Violation)) throw violation;
        const reason = violation.reason;
        return { type: "closed", reason, byPeer: false, replies: await this.end(reason) };
      }
    });
  }

  /** Pings, rekeys, ends a silent or old channel. The device calls it at once after the handshake. */
  tick(): Promise<readonly Bytes[]> {
    return this.serial(async () => {
      if (this.ended) return [];
      const now = this.millis();
      if (!this.proven) return now > this.limits.handshake ? this.end("handshake_timeout") : [];
      if (now > this.limits.age) return this.end("too_old");
      const oldest = this.pings[0];
      if (oldest && now - oldest.at > this.limits.silence) return this.end("silence");
      const packets: Bytes[] = [];
      if (now - this.lastPingAt >= this.limits.ping) {
        this.lastPing++;
        this.lastPingAt = now;
        await this.seal(encode({ type: "ping", id: this.lastPing }), now, packets);
        this.pings.push({ id: this.lastPing, at: now, chain: this.sent.value });
      } else if (this.sealer.rekeyDue(now)) {
        await this.rekey(now, packets);
      }
      return packets;
    });
  }

  /** Ends the channel in order; the last packet to send, or none. */
  close(reason: OrderlyReason): Promise<readonly Bytes[]> {
    return this.serial(async () => (this.ended ? [] : this.end(reason)));
  }

  /** The transport ended. Unless a `Close` came first, that is `cut`: the last records may be missing. */
  cut(): Promise<void> {
    return this.serial(async () => {
      this.ended ??= { reason: "cut", byPeer: false };
    });
  }

  private leaving(frame: StreamFrame | PairFrame): void {
    switch (frame.type) {
      case "openStream":
        permit(this.purpose === "session");
        return this.streams.opening(frame);
      case "closeStream":
        return this.streams.closing(frame);
      case "data":
        return this.streams.sending(frame);
      case "credit":
        return this.streams.granting(frame);
      case "pairRequest":
      case "pairGrant":
      case "pairDone": {
        const { speaker, step, next } = PAIR_STEPS[frame.type];
        permit(this.purpose === "pair" && this.side === speaker && this.pairing === step);
        this.pairing = next;
      }
    }
  }

  private async accept(frame: ChannelFrame, now: number): Promise<Received> {
    if (frame.type !== "rekey" && frame.type !== "close") required(!this.opener.rekeyOverdue(now), "rekey_overdue");
    const replies: Bytes[] = [];
    switch (frame.type) {
      case "openStream":
        required(this.purpose === "session", "unexpected_frame");
        this.streams.opened(frame);
        break;
      case "closeStream":
        if (!this.streams.closed(frame)) return { type: "nothing", replies };
        await this.seal(encode(frame), now, replies);
        break;
      case "data":
        if (!this.streams.received(frame)) return { type: "nothing", replies };
        break;
      case "credit":
        this.streams.granted(frame);
        break;
      case "ping":
        await this.seal(encode({ type: "pong", id: frame.id, chain: this.accepted.value }), now, replies);
        return { type: "nothing", replies };
      case "pong":
        this.answered(frame, now);
        return { type: "nothing", replies };
      case "rekey":
        await this.opener.rekey(frame.epoch, now);
        return { type: "nothing", replies };
      case "pairRequest":
      case "pairGrant":
      case "pairDone": {
        const { speaker, step, next } = PAIR_STEPS[frame.type];
        required(
          this.purpose === "pair" && this.side !== speaker && this.pairing === step,
          "unexpected_frame",
        );
        this.pairing = next;
        break;
      }
      case "close":
        this.ended = { reason: frame.reason, byPeer: true };
        return { type: "closed", ...this.ended, replies };
    }
    return { type: "delivered", frame, replies };
  }

  private answered(pong: Pong, now: number): void {
    const ping = this.pings.shift();
    if (ping === undefined || ping.id !== pong.id) throw new Violation("unexpected_frame");
    required(same(ping.chain, pong.chain), "transcript_mismatch");
    this.roundTrip = now - ping.at;
  }

  private async seal(encoded: Bytes, now: number, packets: Bytes[]): Promise<void> {
    if (this.sealer.rekeyDue(now)) await this.rekey(now, packets);
    packets.push(await this.sealer.seal(encoded, now));
  }

  private async rekey(now: number, packets: Bytes[]): Promise<void> {
    packets.push(await this.sealer.seal(encode({ type: "rekey", epoch: this.sealer.nextEpoch }), now));
    await this.sealer.rekey(now);
  }

  /** Says goodbye, if the peer is known to be one, and closes. */
  private async end(reason: CloseReason): Promise<readonly Bytes[]> {
    this.ended = { reason, byPeer: false };
    this.pings.length = 0;
    return this.proven ? [await this.sealer.seal(encode({ type: "close", reason }), this.millis())] : [];
  }

  /** Milliseconds since this side finished the handshake; never runs backwards. */
  private millis(): number {
    this.last = Math.max(this.last, Math.floor(this.source() - this.start));
    return this.last;
  }

  private serial<T>(work: () => Promise<T>): Promise<T> {
    const done = this.queue.then(work);
    this.queue = done.catch(() => undefined);
    return done;
  }
}

function permit(allowed: boolean): void {
  if (!allowed) throw new Error("not now");
}
