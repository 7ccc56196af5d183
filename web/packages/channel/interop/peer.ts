/**
 * One end of a channel as a process, for the interoperability test of `api/contract`: packets on standard input and
 * output, each behind its length in four bytes. Echoes every message of a stream, and ends when the other side does.
 *
 * Arguments: `device` or `worker`, `session` or `pair`, then keys and place as hex and text.
 */
import { type Bytes, concat, u32 } from "../src/bytes";
import type { Channel } from "../src/channel";
import { Initiator, Responder } from "../src/handshake";
import { importKey } from "../src/noise";
import { keyFingerprint, parseLink } from "../src/pairing";

const [role, purpose, ownHex, pskHex, fragment] = process.argv.slice(2) as [string, string, string, string, string];

function bytes(hex: string): Bytes {
  return Uint8Array.from(Buffer.from(hex, "hex"));
}

function write(packet: Uint8Array): void {
  process.stdout.write(concat(u32(packet.length), packet));
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

async function* packets(): AsyncGenerator<Bytes> {
  let waiting: Bytes = new Uint8Array(0);
  for await (const chunk of process.stdin) {
    waiting = concat(waiting, chunk as Buffer);
    while (waiting.length >= 4) {
      const length = new DataView(waiting.buffer).getUint32(0);
      if (waiting.length < 4 + length) break;
      yield waiting.slice(4, 4 + length);
      waiting = waiting.slice(4 + length);
    }
  }
}

/** Sends what the device of the test has to say; the worker of the test only answers. */
async function begin(channel: Channel): Promise<void> {
  for (const packet of await channel.tick()) write(packet);
  if (purpose === "pair") {
    for (const packet of await channel.send({ type: "pairRequest", label: "node" })) write(packet);
    return;
  }
  const stream = channel.nextStream;
  for (const packet of await channel.send({
    type: "openStream",
    stream,
    kind: "terminal",
    opening: new TextEncoder().encode("from node"),
  })) {
    write(packet);
  }
  for (let i = 0; i < 40; i++) {
    const data = new Uint8Array(1 + i * 150).fill(i);
    for (const packet of await channel.send({ type: "data", stream, more: i % 3 === 0, bytes: data })) write(packet);
  }
}

async function main(): Promise<void> {
  const link = parseLink(fragment);
  if (link === undefined) throw new Error("no link");
  const own = await importKey(bytes(ownHex));
  const input = packets();
  const next = async (): Promise<Bytes | undefined> => {
    const result = await input.next();
    return result.done ? undefined : result.value;
  };
  let channel: Channel;
  if (role === "device") {
    const initiator =
      purpose === "pair" ? await Initiator.pairing(own, link) : Initiator.session(own, link.address, bytes(pskHex));
    const opening = await initiator.open();
    if (opening.type === "failed") throw new Error(opening.reason);
    write(opening.packet);
    const established = await initiator.finish((await next()) ?? new Uint8Array(0));
    if (established.type === "failed") throw new Error(established.reason);
    channel = established.channel;
    await begin(channel);
  } else {
    const offer = await new Responder(own, link.address).read((await next()) ?? new Uint8Array(0));
    if (offer.type === "failed") throw new Error(offer.reason);
    say(`offer ${offer.purpose} ${offer.device} ${await keyFingerprint(offer.deviceKey)}`);
    const accepted = await offer.accept(bytes(pskHex));
    write(accepted.packet);
    channel = accepted.channel;
  }
  say(`digits ${channel.digits}`);
  for (let packet = await next(); packet !== undefined; packet = await next()) {
    const received = await channel.receive(packet);
    for (const reply of received.replies) write(reply);
    if (received.type === "closed") {
      say(`closed ${received.reason} ${received.byPeer ? "by peer" : "here"}`);
      return;
    }
    if (received.type !== "delivered") continue;
    const { frame } = received;
    if (frame.type === "data" && role === "worker") {
      for (const back of await channel.send({ ...frame })) write(back);
      const total = channel.received(frame.stream) + (256 << 10);
      for (const credit of await channel.send({ type: "credit", stream: frame.stream, total })) write(credit);
    }
    if (frame.type === "pairRequest") {
      for (const grant of await channel.send({ type: "pairGrant", psk: bytes(pskHex), scopes: ["chat", "terminal"] })) {
        write(grant);
      }
    }
    if (frame.type === "pairGrant") {
      say(`granted ${Buffer.from(frame.psk).toString("hex")} ${frame.scopes.join(" ")}`);
      for (const done of await channel.send({ type: "pairDone" })) write(done);
    }
  }
  await channel.cut();
  say(`closed ${channel.closed}`);
}

await main();
// An open standard input would keep the process.
process.stdin.destroy();
