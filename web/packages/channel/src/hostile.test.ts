// @vitest-environment node
/**
 * Two channels over a transport that drops, repeats, reorders, flips, cuts, invents and reflects. Whatever it does:
 * nobody is handed a byte that was not sent at that place, and every meddling ends in a named close on both sides.
 * Random but repeatable: `CHANNEL_SEED=` with the seed of a failure's message runs that one case.
 */
import { expect, it } from "vitest";
import type { Bytes } from "./bytes";
import { concat } from "./bytes";
import type { Channel, Received } from "./channel";
import type { Side } from "./frame";
import { Initiator, Responder } from "./handshake";
import { generateKey } from "./noise";
import { STANDARD } from "./record";

const RUNS = 120;
const SIDES = ["device", "worker"] as const;

/** mulberry32: small, seeded, good enough to choose attacks. */
function generator(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

async function connect(rekeyRecords: number, clock: { at: number }): Promise<Record<Side, Channel>> {
  const worker = await generateKey();
  const place = { relay: "https://relay.example", workspace: "home", worker: "attic" };
  const settings = { now: () => clock.at, limits: { ...STANDARD, rekeyRecords } };
  const psk = crypto.getRandomValues(new Uint8Array(32));
  const address = { ...place, device: "laptop-1", workerKey: worker.publicKey };
  const initiator = Initiator.session(await generateKey(), address, psk, settings);
  const opening = await initiator.open();
  if (opening.type !== "opening") throw new Error(opening.reason);
  const offer = await new Responder(worker, place, settings).read(opening.packet);
  if (offer.type !== "offer") throw new Error(offer.reason);
  const accepted = await offer.accept(psk);
  const established = await initiator.finish(accepted.packet);
  if (established.type !== "established") throw new Error(established.reason);
  return { device: established.channel, worker: accepted.channel };
}

const other = (side: Side): Side => (side === "device" ? "worker" : "device");

/** Adds to what a stream has, and tells how much that was. */
function append(log: Map<number, Bytes>, stream: number, bytes: Bytes): number {
  const before = log.get(stream) ?? new Uint8Array(0);
  log.set(stream, concat(before, bytes));
  return before.length;
}

async function play(seed: number): Promise<{ meddled: boolean; reasons: Set<string> }> {
  const name = `CHANNEL_SEED=${seed}`;
  const random = generator(seed);
  const rate = [0, 0.01, 0.05, 0.2][random(4)] as number;
  const clock = { at: 0 };
  const channels = await connect(3 + random(40), clock);
  const wire: Record<Side, Bytes[]> = { device: [], worker: [] };
  const sent: Record<Side, Map<number, Bytes>> = { device: new Map(), worker: new Map() };
  const got: Record<Side, Map<number, Bytes>> = { device: new Map(), worker: new Map() };
  const history: Bytes[] = [];
  const reasons = new Set<string>();
  let meddled = false;

  const emit = (side: Side, packets: readonly Bytes[]): void => {
    wire[side].push(...packets);
    history.push(...packets);
  };
  const hand = async (to: Side, packet: Bytes): Promise<void> => {
    const received: Received = await channels[to].receive(packet);
    emit(to, received.replies);
    if (received.type === "closed") reasons.add(received.reason);
    if (received.type !== "delivered" || received.frame.type !== "data") return;
    const { stream, bytes } = received.frame;
    const at = append(got[to], stream, bytes);
    const all = sent[other(to)].get(stream) ?? new Uint8Array(0);
    expect(all.slice(at, at + bytes.length), name).toEqual(bytes);
  };
  const pass = async (millis: number): Promise<void> => {
    clock.at += millis;
    for (const side of SIDES) emit(side, await channels[side].tick());
  };
  const write = async (side: Side): Promise<void> => {
    const channel = channels[side];
    if (channel.closed || !channel.confirmed) return;
    const stream = 1 + 2 * random(3);
    if (side === "device" && stream >= channel.nextStream) {
      const next = channel.nextStream;
      emit(side, await channel.send({ type: "openStream", stream: next, kind: "terminal", opening: new Uint8Array(0) }));
      return;
    }
    const room = Math.min(channel.sendable(stream), 500);
    if (room === 0) return;
    const bytes = Uint8Array.from({ length: 1 + random(room) }, () => random(256));
    append(sent[side], stream, bytes);
    emit(side, await channel.send({ type: "data", stream, more: random(2) === 0, bytes }));
  };
  const flip = (packet: Bytes, at: number): Bytes => {
    const flipped = packet.slice();
    flipped[at] = (flipped[at] as number) ^ (1 << random(8));
    return flipped;
  };
  const carry = async (from: Side): Promise<void> => {
    const packet = wire[from].shift();
    if (packet === undefined) return;
    const to = other(from);
    if (random(1000) >= rate * 1000 || channels[to].closed) return hand(to, packet);
    meddled = true;
    switch (random(8)) {
      case 0:
        return;
      case 1:
        await hand(to, packet);
        return hand(to, packet);
      case 2:
        await hand(to, wire[from].shift() ?? Uint8Array.from({ length: 80 }, () => random(256)));
        return hand(to, packet);
      case 3:
        return hand(to, flip(packet, random(packet.length)));
      case 4:
        return hand(to, packet.slice(0, random(packet.length)));
      case 5:
        await hand(to, Uint8Array.from({ length: random(200) }, () => random(256)));
        return hand(to, packet);
      case 6:
        await hand(to, history[random(history.length)] as Bytes);
        await hand(to, packet);
        return hand(to, packet);
      default:
        clock.at += 60_000;
        return hand(to, packet);
    }
  };
  const drain = async (): Promise<void> => {
    while (wire.device.length + wire.worker.length > 0) {
      for (const side of SIDES) {
        const packet = wire[side].shift();
        if (packet) await hand(other(side), packet);
      }
    }
  };

  emit("device", await channels.device.tick());
  for (let step = 0; step < 120; step++) {
    const side = SIDES[random(2)] as Side;
    const choice = random(8);
    if (choice === 0) await pass(random(1000));
    else if (choice < 4) await write(side);
    else await carry(side);
  }
  for (let i = 0; i < 12; i++) {
    await drain();
    await pass(10_000);
  }
  await drain();
  if (meddled) {
    for (const side of SIDES) expect(channels[side].closed, `${name}: ${side} did not notice`).toBeDefined();
  } else {
    for (const side of SIDES) {
      expect(channels[side].closed, name).toBeUndefined();
      expect(got[other(side)], name).toEqual(sent[side]);
    }
  }
  return { meddled, reasons };
}

it("delivers nothing that was not sent, whatever the transport does", { timeout: 120_000 }, async () => {
  const fixed = process.env["CHANNEL_SEED"];
  if (fixed !== undefined) {
    await play(Number(fixed));
    return;
  }
  const first = Math.floor(Math.random() * 2 ** 31);
  console.log(`hostile.test: seeds from ${first}`);
  let hostile = 0;
  const seen = new Set<string>();
  for (let i = 0; i < RUNS; i++) {
    const { meddled, reasons } = await play(first + i);
    if (meddled) hostile++;
    for (const reason of reasons) seen.add(reason);
  }
  expect(hostile).toBeGreaterThan(RUNS / 3);
  expect(RUNS - hostile).toBeGreaterThan(RUNS / 20);
  for (const reason of ["tampered", "replayed", "gap", "malformed", "expired"]) expect(seen).toContain(reason);
});

it("serves calls that were made at once in their order", async () => {
  const clock = { at: 0 };
  const { device, worker } = await connect(8, clock);
  for (const packet of await device.tick()) await worker.receive(packet);
  const opened = device.send({ type: "openStream", stream: 1, kind: "terminal", opening: new Uint8Array(0) });
  const writes = Array.from({ length: 50 }, (_, i) =>
    device.send({ type: "data", stream: 1, more: false, bytes: Uint8Array.of(i) }),
  );
  const packets = (await Promise.all([opened, ...writes])).flat();
  const received = await Promise.all(packets.map((packet) => worker.receive(packet)));
  const bytes = received.flatMap((r) => (r.type === "delivered" && r.frame.type === "data" ? [...r.frame.bytes] : []));
  expect(bytes).toEqual(Array.from({ length: 50 }, (_, i) => i));
  await expect(device.send({ type: "data", stream: 9, more: false, bytes: Uint8Array.of(1) })).rejects.toThrow();
  expect(device.closed, "a refused send changes nothing").toBeUndefined();
  const [after] = await device.send({ type: "data", stream: 1, more: false, bytes: Uint8Array.of(7) });
  expect((await worker.receive(after as Bytes)).type).toBe("delivered");
});
