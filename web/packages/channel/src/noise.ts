/**
 * `Noise_IKpsk2_25519_AESGCM_SHA256` (revision 34) on WebCrypto.
 *
 * ```
 * <- s
 * ...
 * -> e, es, s, ss
 * <- e, ee, se, psk
 * ```
 */
import { type Bytes, ascii, concat, same } from "./bytes";
import { Violation, required } from "./reason";

export const PROTOCOL = "Noise_IKpsk2_25519_AESGCM_SHA256";
export const KEY_BYTES = 32;
export const TAG_BYTES = 16;
export const OPEN_MESSAGE_BYTES = 2 * KEY_BYTES + 2 * TAG_BYTES;

const NOTHING: Bytes = new Uint8Array(0);
const subtle = (): SubtleCrypto => globalThis.crypto.subtle;

/** An X25519 key pair. The private half need not be extractable, and should not be. */
export interface KeyPair {
  readonly privateKey: CryptoKey;
  readonly publicKey: Bytes;
}

/** A new key pair whose private half cannot be read out, only used; may lie in IndexedDB. */
export async function generateKey(): Promise<KeyPair> {
  const pair = (await subtle().generateKey({ name: "X25519" }, false, ["deriveBits"])) as CryptoKeyPair;
  return {
    privateKey: pair.privateKey,
    publicKey: new Uint8Array(await subtle().exportKey("raw", pair.publicKey)),
  };
}

/** The key pair of 32 private bytes, for tests and for a key that came from a file. */
export async function importKey(privateBytes: Bytes): Promise<KeyPair> {
  if (privateBytes.length !== KEY_BYTES) throw new RangeError("a private key has 32 bytes");
  // PKCS #8 (RFC 8410): the only form in which WebCrypto takes a raw private key.
  const prefix = Uint8Array.of(0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x6e, 4, 0x22, 4, 0x20);
  const pkcs8 = concat(prefix, privateBytes);
  const privateKey = await subtle().importKey("pkcs8", pkcs8, { name: "X25519" }, false, ["deriveBits"]);
  pkcs8.fill(0);
  const base = new Uint8Array(KEY_BYTES);
  base[0] = 9;
  return { privateKey, publicKey: await agree(privateKey, base) };
}

/** The shared secret; `low_order_key` when it would be zero. */
export async function agree(own: CryptoKey, theirs: Bytes): Promise<Bytes> {
  let shared: Bytes;
  const peer = await subtle().importKey("raw", theirs, { name: "X25519" }, true, []);
  try {
    shared = new Uint8Array(await subtle().deriveBits({ name: "X25519", public: peer }, own, 8 * KEY_BYTES));
  } catch {
    // The specification of X25519 in WebCrypto makes an all-zero result an OperationError.
    throw new Violation("low_order_key");
  }
  if (same(shared, new Uint8Array(KEY_BYTES))) throw new Violation("low_order_key");
  return shared;
}

export async function sha256(...parts: readonly Uint8Array[]): Promise<Bytes> {
  return new Uint8Array(await subtle().digest("SHA-256", concat(...parts)));
}

/** SHA-256 over a label in ASCII, then the parts: one value per purpose from one secret. */
export function labelled(label: string, ...parts: readonly Uint8Array[]): Promise<Bytes> {
  return sha256(ascii(label), ...parts);
}

async function hmac(key: Bytes, ...parts: readonly Uint8Array[]): Promise<Bytes> {
  const imported = await subtle().importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await subtle().sign("HMAC", imported, concat(...parts)));
}

/** RFC 5869; not WebCrypto's own HKDF, since not every browser imports an empty input. */
export async function hkdf(salt: Bytes, input: Bytes, info: Bytes, count: number): Promise<Bytes[]> {
  const key = await hmac(salt, input);
  const outputs: Bytes[] = [];
  let previous = NOTHING;
  for (let i = 1; i <= count; i++) {
    previous = await hmac(key, previous, info, Uint8Array.of(i));
    outputs.push(previous);
  }
  key.fill(0);
  return outputs;
}

/** AES-256-GCM under one key; the nonce is four zero bytes and the counter. */
export class CipherState {
  private key: CryptoKey;

  private constructor(key: CryptoKey) {
    this.key = key;
  }

  /** Zeroes `bytes`; what WebCrypto holds is not ours to zero. */
  static async of(bytes: Bytes): Promise<CipherState> {
    const key = await subtle().importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
    bytes.fill(0);
    return new CipherState(key);
  }

  async encrypt(counter: number, associated: Bytes, plaintext: Bytes): Promise<Bytes> {
    return this.seal(nonce(counter), associated, plaintext);
  }

  /** `tampered` when the tag does not fit; nothing is released then. */
  async decrypt(counter: number, associated: Bytes, sealed: Bytes): Promise<Bytes> {
    try {
      return new Uint8Array(
        await subtle().decrypt(
          { name: "AES-GCM", iv: nonce(counter), additionalData: associated, tagLength: 8 * TAG_BYTES },
          this.key,
          sealed,
        ),
      );
    } catch {
      throw new Violation("tampered");
    }
  }

  /** Noise's REKEY: 32 zeros encrypted at counter 2^64-1, the first 32 bytes of it. */
  async rekey(): Promise<void> {
    const last = concat(new Uint8Array(4), new Uint8Array(8).fill(0xff));
    const next = await this.seal(last, NOTHING, new Uint8Array(KEY_BYTES));
    this.key = (await CipherState.of(next.slice(0, KEY_BYTES))).key;
    next.fill(0);
  }

  private async seal(iv: Bytes, additionalData: Bytes, plaintext: Bytes): Promise<Bytes> {
    return new Uint8Array(
      await subtle().encrypt({ name: "AES-GCM", iv, additionalData, tagLength: 8 * TAG_BYTES }, this.key, plaintext),
    );
  }
}

function nonce(counter: number): Bytes {
  const iv = new Uint8Array(12);
  new DataView(iv.buffer).setBigUint64(4, BigInt(counter));
  return iv;
}

/** Noise's SymmetricState. */
class SymmetricState {
  hash: Bytes = ascii(PROTOCOL);
  private chainingKey: Bytes = ascii(PROTOCOL);
  private cipher: CipherState | undefined;
  private counter = 0;

  async mixHash(data: Bytes): Promise<void> {
    this.hash = await sha256(this.hash, data);
  }

  async mixKey(input: Bytes): Promise<void> {
    const [chain, key] = (await hkdf(this.chainingKey, input, NOTHING, 2)) as [Bytes, Bytes];
    this.chainingKey = chain;
    await this.initialize(key);
  }

  async mixKeyAndHash(psk: Bytes): Promise<void> {
    const [chain, hash, key] = (await hkdf(this.chainingKey, psk, NOTHING, 3)) as [Bytes, Bytes, Bytes];
    this.chainingKey = chain;
    await this.mixHash(hash);
    await this.initialize(key);
  }

  async encryptAndHash(plaintext: Bytes): Promise<Bytes> {
    const sealed = this.cipher ? await this.cipher.encrypt(this.counter++, this.hash, plaintext) : plaintext;
    await this.mixHash(sealed);
    return sealed;
  }

  async decryptAndHash(sealed: Bytes): Promise<Bytes> {
    const plaintext = this.cipher ? await this.cipher.decrypt(this.counter++, this.hash, sealed) : sealed;
    await this.mixHash(sealed);
    return plaintext;
  }

  async split(): Promise<[CipherState, CipherState]> {
    const [first, second] = (await hkdf(this.chainingKey, NOTHING, NOTHING, 2)) as [Bytes, Bytes];
    this.chainingKey.fill(0);
    return [await CipherState.of(first), await CipherState.of(second)];
  }

  private async initialize(key: Bytes): Promise<void> {
    this.cipher = await CipherState.of(key);
    this.counter = 0;
  }
}

/** Makes the ephemeral key of one handshake; fixed in tests alone. */
export type Ephemerals = () => Promise<KeyPair>;

type State = "start" | "sent" | "read" | "done" | "failed";

/**
 * One handshake. A step out of order is a programming error; a violation ends it.
 * Payloads exist for the published vectors alone.
 */
export class Handshake {
  private readonly symmetric = new SymmetricState();
  private readonly own: KeyPair;
  private readonly ephemerals: Ephemerals;
  private readonly initiator: boolean;
  private readonly prologue: Bytes;
  private theirs: Bytes;
  private theirEphemeral: Bytes = NOTHING;
  private ephemeral: KeyPair | undefined;
  private state: State = "start";

  private constructor(initiator: boolean, prologue: Bytes, own: KeyPair, theirs: Bytes, ephemerals: Ephemerals) {
    this.initiator = initiator;
    this.prologue = prologue;
    this.own = own;
    this.theirs = theirs;
    this.ephemerals = ephemerals;
  }

  static initiator(prologue: Bytes, own: KeyPair, theirs: Bytes, ephemerals: Ephemerals = generateKey): Handshake {
    return new Handshake(true, prologue, own, theirs, ephemerals);
  }

  static responder(prologue: Bytes, own: KeyPair, ephemerals: Ephemerals = generateKey): Handshake {
    return new Handshake(false, prologue, own, NOTHING, ephemerals);
  }

  get peerStatic(): Bytes {
    return this.theirs;
  }

  get hash(): Bytes {
    return this.symmetric.hash;
  }

  async write1(payload: Bytes = NOTHING): Promise<Bytes> {
    this.enter(true, "start");
    await this.begin(this.theirs);
    const e = await this.fresh();
    await this.mixEphemeral(e.publicKey);
    await this.symmetric.mixKey(await agree(e.privateKey, this.theirs));
    const s = await this.symmetric.encryptAndHash(this.own.publicKey);
    await this.symmetric.mixKey(await agree(this.own.privateKey, this.theirs));
    const message = concat(e.publicKey, s, await this.symmetric.encryptAndHash(payload));
    this.state = "sent";
    return message;
  }

  async read1(message: Bytes): Promise<Bytes> {
    this.enter(false, "start");
    required(message.length >= OPEN_MESSAGE_BYTES, "malformed");
    await this.begin(this.own.publicKey);
    this.theirEphemeral = message.slice(0, KEY_BYTES);
    await this.mixEphemeral(this.theirEphemeral);
    await this.symmetric.mixKey(await agree(this.own.privateKey, this.theirEphemeral));
    const end = 2 * KEY_BYTES + TAG_BYTES;
    this.theirs = await this.symmetric.decryptAndHash(message.slice(KEY_BYTES, end));
    await this.symmetric.mixKey(await agree(this.own.privateKey, this.theirs));
    const payload = await this.symmetric.decryptAndHash(message.slice(end));
    this.state = "read";
    return payload;
  }

  async write2(psk: Bytes, payload: Bytes = NOTHING): Promise<Bytes> {
    this.enter(false, "read");
    const e = await this.fresh();
    await this.mixEphemeral(e.publicKey);
    await this.symmetric.mixKey(await agree(e.privateKey, this.theirEphemeral));
    await this.symmetric.mixKey(await agree(e.privateKey, this.theirs));
    await this.symmetric.mixKeyAndHash(psk);
    const message = concat(e.publicKey, await this.symmetric.encryptAndHash(payload));
    this.state = "done";
    return message;
  }

  async read2(psk: Bytes, message: Bytes): Promise<Bytes> {
    this.enter(true, "sent");
    required(message.length >= KEY_BYTES + TAG_BYTES, "malformed");
    const e = this.ephemeral as KeyPair;
    const re = message.slice(0, KEY_BYTES);
    await this.mixEphemeral(re);
    await this.symmetric.mixKey(await agree(e.privateKey, re));
    await this.symmetric.mixKey(await agree(this.own.privateKey, re));
    await this.symmetric.mixKeyAndHash(psk);
    const payload = await this.symmetric.decryptAndHash(message.slice(KEY_BYTES));
    this.state = "done";
    return payload;
  }

  /** The transport ciphers: for sending, for receiving. */
  async split(): Promise<[CipherState, CipherState]> {
    if (this.state !== "done") throw new Error(`handshake is ${this.state}`);
    const [first, second] = await this.symmetric.split();
    return this.initiator ? [first, second] : [second, first];
  }

  /** Every step starts failed, and only its last line says otherwise. */
  private enter(initiator: boolean, expected: State): void {
    if (initiator !== this.initiator || this.state !== expected) throw new Error(`handshake is ${this.state}`);
    this.state = "failed";
  }

  private async begin(responderStatic: Bytes): Promise<void> {
    await this.symmetric.mixHash(this.prologue);
    await this.symmetric.mixHash(responderStatic);
  }

  private async fresh(): Promise<KeyPair> {
    this.ephemeral = await this.ephemerals();
    return this.ephemeral;
  }

  /** In a PSK handshake an ephemeral key goes into hash and key. */
  private async mixEphemeral(key: Bytes): Promise<void> {
    await this.symmetric.mixHash(key);
    await this.symmetric.mixKey(key);
  }
}
