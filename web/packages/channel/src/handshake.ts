/**
 * Both sides of the handshake, with the prologue and its deadline. No command rides in a handshake message: the first
 * one can be replayed to the worker.
 */
import { type Bytes, Reader, concat } from "./bytes";
import { Channel, type Purpose } from "./channel";
import {
  type Ephemerals,
  Handshake,
  KEY_BYTES,
  type KeyPair,
  OPEN_MESSAGE_BYTES,
  TAG_BYTES,
  generateKey,
} from "./noise";
import {
  type PairingLink,
  type WorkerAddress,
  checkAddress,
  isId,
  isRelay,
  opening,
  pairingPsk,
  prologue,
} from "./pairing";
import { type CloseReason, Violation, required } from "./reason";
import { ACCEPT, type Limits, OPEN, STANDARD, SUITE, VERSION } from "./record";

export interface Settings {
  /** Milliseconds of any clock. */
  readonly now?: () => number;
  /** For tests. */
  readonly limits?: Limits;
  /** For tests. */
  readonly ephemerals?: Ephemerals;
}

export type Outcome<T> = T | { readonly type: "failed"; readonly reason: CloseReason };

/** The device's side: `open`, then `finish` with the worker's answer. */
export class Initiator {
  private readonly handshake: Handshake;
  private readonly address: WorkerAddress;
  private readonly purpose: Purpose;
  private readonly psk: Bytes;
  private readonly limits: Limits;
  private readonly now: () => number;
  private openedAt = 0;

  private constructor(own: KeyPair, address: WorkerAddress, psk: Bytes, purpose: Purpose, settings: Settings) {
    checkAddress(address);
    this.handshake = Handshake.initiator(
      prologue(address, purpose),
      own,
      address.workerKey,
      settings.ephemerals ?? generateKey,
    );
    this.address = address;
    this.purpose = purpose;
    this.psk = psk.slice();
    this.limits = settings.limits ?? STANDARD;
    this.now = settings.now ?? Date.now;
  }

  /** For an enrolled device, with the PSK that the worker granted. */
  static session(own: KeyPair, address: WorkerAddress, psk: Bytes, settings: Settings = {}): Initiator {
    return new Initiator(own, address, psk, "session", settings);
  }

  /** For a new device, with the one-time secret of the link. */
  static async pairing(own: KeyPair, link: PairingLink, settings: Settings = {}): Promise<Initiator> {
    return new Initiator(own, link.address, await pairingPsk(link), "pair", settings);
  }

  /** The first packet. */
  async open(): Promise<Outcome<{ readonly type: "opening"; readonly packet: Bytes }>> {
    this.openedAt = this.now();
    return guarded(async () => ({
      type: "opening",
      packet: concat(opening(this.address.device, this.purpose), await this.handshake.write1()),
    }));
  }

  /** Reads the worker's answer. Then call `channel.tick()` and send what it returns. */
  async finish(packet: Bytes): Promise<Outcome<{ readonly type: "established"; readonly channel: Channel }>> {
    return guarded(async () => {
      required(this.now() - this.openedAt <= this.limits.handshake, "handshake_timeout");
      const reader = new Reader(packet);
      required(reader.u8() === ACCEPT, "malformed");
      required(reader.u8() === VERSION && reader.u8() === SUITE, "unsupported_version");
      required(reader.remaining === KEY_BYTES + TAG_BYTES, "malformed");
      try {
        await this.handshake.read2(this.psk, reader.bytes(reader.remaining));
      } finally {
        this.psk.fill(0);
      }
      const [sending, receiving] = await this.handshake.split();
      const channel = await Channel.of({
        side: "device",
        purpose: this.purpose,
        peerKey: this.address.workerKey,
        handshakeHash: this.handshake.hash,
        sending,
        receiving,
        limits: this.limits,
        now: this.now,
      });
      return { type: "established", channel };
    });
  }
}

/** Somebody with this key and, if it is confirmed later, the PSK of this device. */
export class Offer {
  readonly type = "offer";
  readonly purpose: Purpose;
  readonly device: string;
  private readonly handshake: Handshake;
  private readonly limits: Limits;
  private readonly now: () => number;

  constructor(handshake: Handshake, purpose: Purpose, device: string, limits: Limits, now: () => number) {
    this.handshake = handshake;
    this.purpose = purpose;
    this.device = device;
    this.limits = limits;
    this.now = now;
  }

  get deviceKey(): Bytes {
    return this.handshake.peerStatic;
  }

  /** Answers, once: the packet and the channel, which says nothing before the device's first record. */
  async accept(psk: Bytes): Promise<{ readonly packet: Bytes; readonly channel: Channel }> {
    const packet = concat(Uint8Array.of(ACCEPT, VERSION, SUITE), await this.handshake.write2(psk));
    const [sending, receiving] = await this.handshake.split();
    const channel = await Channel.of({
      side: "worker",
      purpose: this.purpose,
      peerKey: this.handshake.peerStatic,
      handshakeHash: this.handshake.hash,
      sending,
      receiving,
      limits: this.limits,
      now: this.now,
    });
    return { packet, channel };
  }
}

/** The worker's side; in TypeScript it exists to test against. */
export class Responder {
  private readonly own: KeyPair;
  private readonly place: { readonly relay: string; readonly workspace: string; readonly worker: string };
  private readonly settings: Settings;

  constructor(
    own: KeyPair,
    place: { readonly relay: string; readonly workspace: string; readonly worker: string },
    settings: Settings = {},
  ) {
    if (!isRelay(place.relay) || !isId(place.workspace) || !isId(place.worker)) {
      throw new RangeError("not a canonical origin or identifier");
    }
    this.own = own;
    this.place = place;
    this.settings = settings;
  }

  /** Reads a device's first packet. */
  async read(packet: Bytes): Promise<Outcome<Offer>> {
    return guarded(async () => {
      const reader = new Reader(packet);
      required(reader.u8() === OPEN, "malformed");
      required(reader.u8() === VERSION && reader.u8() === SUITE, "unsupported_version");
      const code = reader.u8();
      required(code === 1 || code === 2, "malformed");
      const purpose: Purpose = code === 1 ? "session" : "pair";
      const device = reader.text();
      required(isId(device) && reader.remaining === OPEN_MESSAGE_BYTES, "malformed");
      const handshake = Handshake.responder(
        prologue({ ...this.place, device }, purpose),
        this.own,
        this.settings.ephemerals ?? generateKey,
      );
      await handshake.read1(reader.bytes(reader.remaining));
      return new Offer(
        handshake,
        purpose,
        device,
        this.settings.limits ?? STANDARD,
        this.settings.now ?? Date.now,
      );
    });
  }
}

async function guarded<T>(work: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return await work();
  } catch (violation) {
    if (!(violation instanceof Violation)) throw violation;
    return { type: "failed", reason: violation.reason === "tampered" ? "handshake_failed" : violation.reason };
  }
}
