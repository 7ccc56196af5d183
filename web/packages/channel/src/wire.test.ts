// @vitest-environment node
/** TypeScript's side of the shared vectors `wire/channel-*.json`, which Java wrote and checks too. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Bytes } from "./bytes";
import type { Channel, Received } from "./channel";
import { type ChannelFrame, decode, encode, pad, unpad } from "./frame";
import { Initiator, Offer, Responder } from "./handshake";
import { CipherState, Handshake, agree, importKey } from "./noise";
import { formatLink, keyFingerprint, pairingPsk, parseLink, prologue } from "./pairing";
import { Violation } from "./reason";
import { STANDARD } from "./record";

type Json = { readonly [key: string]: unknown };

function read(file: string): Json {
  const wire = new URL("../../../../api/contract/src/test/resources/wire/", import.meta.url);
  return JSON.parse(readFileSync(new URL(file, wire), "utf8")) as Json;
}

function text(json: Json, field: string): string {
  const value = json[field];
  if (typeof value !== "string") throw new TypeError(`no ${field}`);
  return value;
}

function list(json: Json, field: string): readonly Json[] {
  return json[field] as readonly Json[];
}

function strings(json: Json, field: string): readonly string[] {
  return json[field] as readonly string[];
}

function bytes(digits: string): Bytes {
  return Uint8Array.from(Buffer.from(digits, "hex"));
}

function hex(data: Uint8Array): string {
  return Buffer.from(data).toString("hex");
}

/** A frame or outcome with bytes as hex, as the vectors have it. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return hex(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, v]) => [key, plain(v)]));
  }
  return value;
}

function frameOf(json: Json): ChannelFrame {
  const fields = Object.fromEntries(
    Object.entries(json).map(([key, v]) =>
      ["opening", "bytes", "chain", "psk"].includes(key) ? [key, bytes(v as string)] : [key, v],
    ),
  );
  return fields as unknown as ChannelFrame;
}

function reasonOf(work: () => unknown): string {
  try {
    work();
  } catch (violation) {
    if (violation instanceof Violation) return violation.reason;
    throw violation;
  }
  return "none";
}

interface Two {
  readonly device: Channel;
  readonly worker: Channel;
  readonly open: Bytes;
  readonly accept: Bytes;
  readonly clock: { at: number };
}

/** A device and a worker with the vector's keys, just after the handshake. */
async function pairOf(vector: Json, purpose: "session" | "pair" = "session"): Promise<Two> {
  const clock = { at: 0 };
  const limits = { ...STANDARD, rekeyRecords: (vector["rekeyRecords"] as number | undefined) ?? STANDARD.rekeyRecords };
  const settings = { limits, now: () => 1_700_000_000_000 + clock.at };
  const initiator = await initiatorOf(vector, purpose, settings);
  const opened = await initiator.open();
  if (opened.type !== "opening") throw new Error(opened.reason);
  const offer = await (await responderOf(vector, settings)).read(opened.packet);
  if (offer.type !== "offer") throw new Error(offer.reason);
  const psk = purpose === "pair" ? bytes(text(vector, "pairingPsk")) : bytes(text(vector, "psk"));
  const { packet, channel: worker } = await offer.accept(psk);
  const finished = await initiator.finish(packet);
  if (finished.type !== "established") throw new Error(finished.reason);
  return { device: finished.channel, worker, open: opened.packet, accept: packet, clock };
}

function address(vector: Json) {
  return {
    relay: text(vector, "relay"),
    workspace: text(vector, "workspace"),
    worker: text(vector, "worker"),
    device: text(vector, "device"),
    workerKey: bytes(text(vector, "workerKey")),
  };
}

async function initiatorOf(vector: Json, purpose: "session" | "pair", settings = {}): Promise<Initiator> {
  const own = await importKey(bytes(text(vector, "deviceStatic")));
  const all = { ...settings, ephemerals: () => importKey(bytes(text(vector, "deviceEphemeral"))) };
  return purpose === "pair"
    ? Initiator.pairing(own, { address: address(vector), secret: bytes(text(vector, "secret")) }, all)
    : Initiator.session(own, address(vector), bytes(text(vector, "psk")), all);
}

async function responderOf(vector: Json, settings = {}, place: Json = vector): Promise<Responder> {
  return new Responder(
    await importKey(bytes(text(place, "workerStatic"))),
    { relay: text(place, "relay"), workspace: text(place, "workspace"), worker: text(place, "worker") },
    { ...settings, ephemerals: () => importKey(bytes(text(vector, "workerEphemeral"))) },
  );
}

function outcome(received: Received): Json {
  const rest = { replies: received.replies.map(hex) };
  if (received.type === "delivered") return { frame: plain(received.frame), ...rest };
  if (received.type === "nothing") return rest;
  return { closed: received.reason, byPeer: received.byPeer, ...rest };
}

/** Each byte's outcome of a mutation, from the runs. */
function expanded(runs: unknown): readonly string[] {
  return (runs as readonly (readonly [number, string])[]).flatMap(([count, reason]) =>
    Array.from({ length: count }, () => reason),
  );
}

function mutated(packet: Bytes, how: string, mask: number, at: number): Bytes {
  if (how === "truncate") return packet.slice(0, at);
  const flipped = packet.slice();
  flipped[at] = (flipped[at] as number) ^ mask;
  return flipped;
}

// Some of these run a handshake per byte, on machines that do other things too.
const PATIENT = { timeout: 60_000 };

describe("published vectors", PATIENT, () => {
  const vector = read("channel-noise.json");
  const curve = read("channel-x25519.json");

  it("writes and reads cacophony's handshake", async () => {
    const messages = list(vector, "messages");
    const payload = (i: number) => bytes(text(messages[i] as Json, "payload"));
    const ciphertext = (i: number) => text(messages[i] as Json, "ciphertext");
    const initiator = Handshake.initiator(
      bytes(text(vector, "init_prologue")),
      await importKey(bytes(text(vector, "init_static"))),
      bytes(text(vector, "init_remote_static")),
      () => importKey(bytes(text(vector, "init_ephemeral"))),
    );
    const responder = Handshake.responder(
      bytes(text(vector, "resp_prologue")),
      await importKey(bytes(text(vector, "resp_static"))),
      () => importKey(bytes(text(vector, "resp_ephemeral"))),
    );
    const psk = bytes(strings(vector, "init_psks")[0] as string);
    const first = await initiator.write1(payload(0));
    expect(hex(first)).toBe(ciphertext(0));
    expect(await responder.read1(first)).toEqual(payload(0));
    const second = await responder.write2(psk, payload(1));
    expect(hex(second)).toBe(ciphertext(1));
    expect(await initiator.read2(psk, second)).toEqual(payload(1));
    expect(hex(initiator.hash)).toBe(text(vector, "handshake_hash"));
    expect(hex(responder.hash)).toBe(text(vector, "handshake_hash"));
    const mine = await initiator.split();
    const theirs = await responder.split();
    for (let i = 2; i < messages.length; i++) {
      const counter = Math.floor((i - 2) / 2);
      const [sending] = i % 2 === 0 ? mine : theirs;
      const [, receiving] = i % 2 === 0 ? theirs : mine;
      const sealed = await sending.encrypt(counter, new Uint8Array(0), payload(i));
      expect(hex(sealed)).toBe(ciphertext(i));
      expect(await receiving.decrypt(counter, new Uint8Array(0), sealed)).toEqual(payload(i));
    }
  });

  it("agrees as RFC 7748 says", async () => {
    for (const one of list(curve, "agreements")) {
      const { privateKey } = await importKey(bytes(text(one, "scalar")));
      expect(hex(await agree(privateKey, bytes(text(one, "u"))))).toBe(text(one, "shared"));
    }
    const iterated = curve["iterated"] as Json;
    let k = bytes(text(iterated, "start"));
    let u = k;
    for (let i = 1; i <= 1000; i++) {
      const next = await agree((await importKey(k)).privateKey, u);
      u = k;
      k = next;
      if (i === 1) expect(hex(k)).toBe(text(iterated, "after1"));
    }
    expect(hex(k)).toBe(text(iterated, "after1000"));
  });

  it("refuses every point of low order", async () => {
    const points = strings(curve, "lowOrder");
    expect(points.length).toBe(14);
    const { privateKey } = await importKey(bytes("07".repeat(32)));
    for (const point of points) await expect(agree(privateKey, bytes(point))).rejects.toThrow("low_order_key");
  });

  it("rekeys as Noise says", async () => {
    const key = () => bytes("07".repeat(32));
    const cipher = await CipherState.of(key());
    await cipher.rekey();
    const raw = await crypto.subtle.importKey("raw", key(), "AES-GCM", false, ["encrypt"]);
    const last = await crypto.subtle.encrypt(
      { name: "AES-GCM", iv: bytes(`00000000${"ff".repeat(8)}`) },
      raw,
      new Uint8Array(32),
    );
    const expected = await CipherState.of(new Uint8Array(last).slice(0, 32));
    const sealed = await cipher.encrypt(5, new Uint8Array(0), bytes("010203"));
    expect(await expected.decrypt(5, new Uint8Array(0), sealed)).toEqual(bytes("010203"));
  });
});

describe("frames", PATIENT, () => {
  const vector = read("channel-frames.json");

  it("have one encoding each", () => {
    for (const one of list(vector, "good")) {
      const encoded = encode(frameOf(one["frame"] as Json));
      expect(hex(encoded)).toBe(text(one, "encoded"));
      expect(plain(decode(encoded))).toEqual(one["frame"]);
      expect(hex(pad(encoded))).toBe(text(one, "padded"));
      expect(unpad(pad(encoded))).toEqual(encoded);
    }
  });

  it("are refused with the same reasons", () => {
    for (const one of list(vector, "bad")) {
      expect(reasonOf(() => decode(bytes(text(one, "encoded")))), text(one, "name")).toBe(text(one, "reason"));
    }
    for (const padding of strings(vector, "badPadding")) {
      expect(reasonOf(() => unpad(bytes(padding)))).toBe("malformed");
    }
  });
});

describe("handshake", PATIENT, () => {
  const vector = read("channel-handshake.json");

  it("is the same to the byte", async () => {
    const pair = await pairOf(vector);
    expect(hex(prologue(address(vector), "session"))).toBe(text(vector, "prologue"));
    expect(hex(pair.open)).toBe(text(vector, "open"));
    expect(hex(pair.accept)).toBe(text(vector, "accept"));
    expect(pair.device.digits).toBe(text(vector, "digits"));
    expect(pair.worker.digits).toBe(text(vector, "digits"));
    expect(await keyFingerprint(pair.worker.peerKey)).toBe(text(vector, "deviceFingerprint"));
    expect(await keyFingerprint(pair.device.peerKey)).toBe(text(vector, "workerFingerprint"));
  });

  const worker = async (packet: Bytes, place: Json = vector): Promise<string> => {
    const reading = await (await responderOf(vector, {}, place)).read(packet);
    return reading instanceof Offer ? "offered" : reading.reason;
  };
  const device = async (packet: Bytes): Promise<string> => {
    const initiator = await initiatorOf(vector, "session");
    await initiator.open();
    const finished = await initiator.finish(packet);
    return finished.type === "established" ? finished.type : finished.reason;
  };

  it("fails at every flipped or missing byte", async () => {
    for (const one of list(vector, "mutations")) {
      const packet = bytes(text(vector, text(one, "of")));
      const reasons = expanded(one["runs"]);
      expect(reasons.length).toBe(packet.length);
      for (const [at, reason] of reasons.entries()) {
        const broken = mutated(packet, text(one, "how"), one["mask"] as number, at);
        const got = text(one, "of") === "open" ? await worker(broken) : await device(broken);
        expect(got, `${text(one, "of")} ${text(one, "how")} ${at}`).toBe(reason);
      }
    }
  });

  it("fails for other keys, places, purposes and low-order points", async () => {
    for (const one of list(vector, "toWorker")) {
      expect(await worker(bytes(text(one, "packet")), one), text(one, "name")).toBe(text(one, "reason"));
    }
    for (const one of list(vector, "toDevice")) {
      expect(await device(bytes(text(one, "packet"))), text(one, "name")).toBe(text(one, "reason"));
    }
  });
});

async function replay(vector: Json, pair: Two): Promise<void> {
  for (const step of list(vector, "steps")) {
    const [actor, other] =
      text(step, "side") === "device" ? [pair.device, pair.worker] : [pair.worker, pair.device];
    pair.clock.at = step["at"] as number;
    const packets = step["tick"]
      ? await actor.tick()
      : step["send"]
        ? await actor.send(frameOf(step["send"] as Json) as Parameters<Channel["send"]>[0])
        : await actor.close(step["close"] as "done");
    expect(packets.map(hex)).toEqual(step["packets"]);
    const received: Json[] = [];
    for (const packet of packets) {
      const result = await other.receive(packet);
      const answered: Json[] = [];
      for (const reply of result.replies) answered.push(outcome(await actor.receive(reply)));
      received.push({ ...outcome(result), answered });
    }
    expect(received).toEqual(step["received"]);
  }
}

describe("sessions", PATIENT, () => {
  it("say the same bytes, through rekeys, to the end", async () => {
    const vector = read("channel-session.json");
    const pair = await pairOf(vector);
    await replay(vector, pair);
    expect([pair.device.closed, pair.worker.closed]).toEqual(["done", "done"]);
  });

  it("pair", async () => {
    const vector = read("channel-pairing.json");
    const link = parseLink(`#${text(vector, "fragment")}`);
    expect(link && formatLink(link)).toBe(text(vector, "fragment"));
    expect(link?.address).toEqual(address(vector));
    expect(link && hex(await pairingPsk(link))).toBe(text(vector, "pairingPsk"));
    for (const one of list(vector, "badFragments")) expect(parseLink(text(one, "fragment"))).toBeUndefined();
    const pair = await pairOf(vector, "pair");
    expect(hex(pair.open)).toBe(text(vector, "open"));
    expect(hex(pair.accept)).toBe(text(vector, "accept"));
    expect(pair.device.digits).toBe(text(vector, "digits"));
    await replay(vector, pair);
  });
});

describe("hostile packets", PATIENT, () => {
  const vector = read("channel-hostile.json");

  it("end the channel with the same reasons", async () => {
    const cases = list(vector, "cases");
    expect(cases.length).toBeGreaterThanOrEqual(40);
    for (const one of cases) {
      const pair = await pairOf(vector);
      await pair.device.tick();
      pair.clock.at = one["at"] as number;
      const side = text(one, "side") === "device" ? pair.device : pair.worker;
      const packets = strings(one, "packets").map(bytes);
      let delivered = 0;
      let closed = "no";
      for (const [i, packet] of packets.entries()) {
        const longer = new Uint8Array(packet.length + (i === packets.length - 1 ? Number(one["extend"] ?? 0) : 0));
        longer.set(packet);
        const received = await side.receive(longer);
        if (received.type === "delivered") delivered++;
        if (received.type === "closed") closed = received.reason;
      }
      expect([delivered, closed], text(one, "name")).toEqual([one["delivered"], one["closed"]]);
    }
  });

  it("end it at every flipped or missing byte", async () => {
    const record = bytes(text(vector, "record"));
    for (const one of list(vector, "mutations")) {
      for (const [at, reason] of expanded(one["runs"]).entries()) {
        const pair = await pairOf(vector);
        await pair.device.tick();
        for (const before of strings(vector, "before")) await pair.worker.receive(bytes(before));
        const received = await pair.worker.receive(mutated(record, text(one, "how"), one["mask"] as number, at));
        expect(received.type === "closed" && received.reason, `${text(one, "how")} ${at}`).toBe(reason);
      }
    }
  });
});
