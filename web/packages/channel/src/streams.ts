/** The open streams of one channel, as one side sees them. */
import { type CloseStream, type Credit, type Data, type OpenStream, type Side, opener, window } from "./frame";
import { Violation, required } from "./reason";

export const MAX_STREAMS = 256;

interface Stream {
  sent: number;
  sendLimit: number;
  received: number;
  receiveLimit: number;
  /** This side closed; the peer's answer is awaited. */
  closing: boolean;
}

export class Streams {
  private readonly own: Side;
  private readonly peer: Side;
  private readonly open = new Map<number, Stream>();
  private nextOwn: number;
  private nextTheirs: number;

  constructor(own: Side) {
    this.own = own;
    this.peer = own === "device" ? "worker" : "device";
    this.nextOwn = own === "device" ? 1 : 2;
    this.nextTheirs = 3 - this.nextOwn;
  }

  get nextId(): number {
    return this.nextOwn;
  }

  get count(): number {
    return this.open.size;
  }

  opening(frame: OpenStream): void {
    if (opener(frame.kind) !== this.own || frame.stream !== this.nextOwn || this.open.size >= MAX_STREAMS) {
      throw new Error(`stream ${frame.stream} cannot be opened`);
    }
    this.nextOwn += 2;
    this.add(frame);
  }

  opened(frame: OpenStream): void {
    required(opener(frame.kind) !== this.own, "stream_state");
    required(frame.stream === this.nextTheirs, "stream_state");
    required(this.open.size < MAX_STREAMS, "too_many_streams");
    this.nextTheirs += 2;
    this.add(frame);
  }

  sending(frame: Data): void {
    const stream = this.mine(frame.stream);
    if (frame.bytes.length > stream.sendLimit - stream.sent) throw new Error(`no credit on stream ${frame.stream}`);
    stream.sent += frame.bytes.length;
  }

  /** Whether the data goes to the caller; not if it crossed a close. */
  received(frame: Data): boolean {
    const stream = this.theirs(frame.stream);
    required(frame.bytes.length <= stream.receiveLimit - stream.received, "credit_exceeded");
    stream.received += frame.bytes.length;
    return !stream.closing;
  }

  granting(frame: Credit): void {
    const stream = this.mine(frame.stream);
    if (frame.total < stream.receiveLimit) throw new Error("credit cannot be taken back");
    stream.receiveLimit = frame.total;
  }

  granted(frame: Credit): void {
    const stream = this.theirs(frame.stream);
    required(frame.total >= stream.sendLimit, "stream_state");
    stream.sendLimit = frame.total;
  }

  closing(frame: CloseStream): void {
    this.mine(frame.stream).closing = true;
  }

  /** Whether the peer's close is news and wants an answer; not if this side closed first. */
  closed(frame: CloseStream): boolean {
    const stream = this.theirs(frame.stream);
    this.open.delete(frame.stream);
    return !stream.closing;
  }

  sendable(id: number): number {
    const stream = this.open.get(id);
    return stream === undefined || stream.closing ? 0 : stream.sendLimit - stream.sent;
  }

  receivedBytes(id: number): number {
    return this.open.get(id)?.received ?? 0;
  }

  private add(frame: OpenStream): void {
    this.open.set(frame.stream, {
      sent: 0,
      sendLimit: window(frame.kind, this.own),
      received: 0,
      receiveLimit: window(frame.kind, this.peer),
      closing: false,
    });
  }

  private mine(id: number): Stream {
    const stream = this.open.get(id);
    if (stream === undefined || stream.closing) throw new Error(`stream ${id} is not open`);
    return stream;
  }

  private theirs(id: number): Stream {
    const stream = this.open.get(id);
    if (stream === undefined) throw new Violation("stream_state");
    return stream;
  }
}
