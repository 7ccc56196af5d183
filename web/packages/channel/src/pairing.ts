/** What a pairing link holds, and what people compare. */
import { type Bytes, Reader, ascii, concat, prefixed, u16 } from "./bytes";
import { KEY_BYTES, hkdf, labelled } from "./noise";
import { Violation } from "./reason";

/** Where and whom a device reaches, and as whom. What a device keeps after pairing, with its own key and PSK. */
export interface WorkerAddress {
  /** The relay's origin: scheme and host in lower case, the port only if it is not the scheme's own, no path. */
  readonly relay: string;
  /** 1 to 64 of `A-Z a-z 0-9 . _ -`, like `worker` and `device`. */
  readonly workspace: string;
  readonly worker: string;
  /** The device's identifier; the worker gives it with the link. */
  readonly device: string;
  /** The worker's static public key, 32 bytes. */
  readonly workerKey: Bytes;
}

/** What the worker shows once. The secret has 16 bytes, lives 10 minutes and for one use. */
export interface PairingLink {
  readonly address: WorkerAddress;
  readonly secret: Bytes;
}

const RELAY = /^https?:\/\/([a-z0-9.-]+|\[[0-9a-f:.]+\])(:[1-9][0-9]{0,4})?$/;
const ID = /^[A-Za-z0-9._-]{1,64}$/;
const PREFIX = "pair=";
const SECRET_BYTES = 16;
const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

export function isId(text: string): boolean {
  return ID.test(text);
}

export function isRelay(text: string): boolean {
  return (
    text.length <= 255 &&
    RELAY.test(text) &&
    !(text.startsWith("https:") && text.endsWith(":443")) &&
    !(text.startsWith("http:") && text.endsWith(":80"))
  );
}

/** Throws a RangeError for an address that is not canonical. */
export function checkAddress(address: WorkerAddress): void {
  if (!isRelay(address.relay)) throw new RangeError("not a canonical origin");
  if (![address.workspace, address.worker, address.device].every(isId)) throw new RangeError("not an identifier");
  if (address.workerKey.length !== KEY_BYTES) throw new RangeError("a public key has 32 bytes");
}

/** `"tendril channel"`, version, suite, purpose, then the four strings with their lengths. */
export function prologue(address: Omit<WorkerAddress, "workerKey">, purpose: "session" | "pair"): Bytes {
  return concat(
    ascii("tendril channel"),
    Uint8Array.of(1, 1, purpose === "session" ? 1 : 2),
    prefixed(address.relay),
    prefixed(address.workspace),
    prefixed(address.worker),
    prefixed(address.device),
  );
}

/** The fragment without `#`. */
export function formatLink(link: PairingLink): string {
  checkAddress(link.address);
  if (link.secret.length !== SECRET_BYTES) throw new RangeError("a secret has 16 bytes");
  const { relay, workspace, worker, device, workerKey } = link.address;
  const whole = concat(
    Uint8Array.of(1),
    workerKey,
    link.secret,
    prefixed(relay),
    prefixed(workspace),
    prefixed(worker),
    prefixed(device),
  );
  const base64 = btoa(String.fromCharCode(...whole));
  return PREFIX + base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** The link of a fragment, with or without `#`; undefined for anything that `formatLink` would not write. */
export function parseLink(fragment: string): PairingLink | undefined {
  const text = fragment.startsWith("#") ? fragment.slice(1) : fragment;
  if (!/^pair=[A-Za-z0-9_-]+$/.test(text)) return undefined;
  try {
    const base64 = text.slice(PREFIX.length).replaceAll("-", "+").replaceAll("_", "/");
    const reader = new Reader(Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)));
    if (reader.u8() !== 1) return undefined;
    const workerKey = reader.bytes(KEY_BYTES);
    const secret = reader.bytes(SECRET_BYTES);
    const [relay, workspace, worker, device] = [reader.text(), reader.text(), reader.text(), reader.text()];
    reader.end();
    const link = { address: { relay, workspace, worker, device, workerKey }, secret };
    return formatLink(link) === text ? link : undefined;
  } catch (broken) {
    if (broken instanceof Violation || broken instanceof RangeError || broken instanceof DOMException) {
      return undefined;
    }
    throw broken;
  }
}

/** The PSK of the pairing handshake. */
export async function pairingPsk(link: PairingLink): Promise<Bytes> {
  const [psk] = await hkdf(ascii("tendril pairing v1"), link.secret, link.address.workerKey, 1);
  return psk as Bytes;
}

/** The fingerprint of a long-lived public key: 100 bits in base 32, five groups of four joined by hyphens. */
export async function keyFingerprint(publicKey: Bytes): Promise<string> {
  const hash = await labelled("tendril static key", publicKey);
  let bits = 0n;
  for (const byte of hash.slice(0, 13)) bits = (bits << 8n) | BigInt(byte);
  bits >>= 4n;
  let text = "";
  for (let i = 0; i < 20; i++) {
    if (i > 0 && i % 4 === 0) text += "-";
    text += CROCKFORD[Number((bits >> BigInt(95 - 5 * i)) & 31n)];
  }
  return text;
}

/** The digits of one session, equal on both sides exactly when both ran the same handshake. */
export async function sessionDigits(handshakeHash: Bytes): Promise<string> {
  const hash = await labelled("tendril session digits", handshakeHash);
  const value = new DataView(hash.buffer).getBigUint64(0) % 100_000_000n;
  const digits = value.toString().padStart(8, "0");
  return `${digits.slice(0, 4)} ${digits.slice(4)}`;
}

/** The first packet's lead-in: kind, version, suite, purpose, device. */
export function opening(device: string, purpose: "session" | "pair"): Bytes {
  return concat(Uint8Array.of(1, 1, 1, purpose === "session" ? 1 : 2), u16(device.length), ascii(device));
}
