import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';

/**
 * A way to the relay that breaks: each event stream ends after a few random bytes, wherever that is in
 * a frame or in a character, and often begins some frames too early, so that the page gets old ones
 * again. Everything else passes.
 */
export class Cutter {
  cuts = 0;
  /** Of those, in the middle of a character. */
  torn = 0;
  replays = 0;
  #state: number;
  readonly #most: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  /** Cuts at most so often; then everything passes. */
  constructor(relay: string, most: number, seed: number) {
    this.#most = most;
    this.#state = seed;
    const { port, hostname } = new URL(relay);
    this.#server = createServer((page) => this.#pass(page, connect(Number(port), hostname)));
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #pass(page: Socket, relay: Socket): void {
    let left = Number.POSITIVE_INFINITY;
    const end = () => {
      page.destroy();
      relay.destroy();
    };
    for (const socket of [page, relay]) {
      this.#sockets.add(socket);
      socket.on('error', end);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        end();
      });
      socket.setNoDelay(true);
    }
    page.on('data', (bytes) => relay.write(this.#earlier(bytes)));
    relay.on('data', (bytes) => {
      const head = bytes.indexOf('text/event-stream');
      const body = head < 0 ? 0 : bytes.indexOf('\r\n\r\n', head) + 4;
      if (head >= 0) left = this.cuts < this.#most ? body + this.#random(20, 700) : Number.POSITIVE_INFINITY;
      if (bytes.length <= left) {
        left -= bytes.length;
        page.write(bytes);
        return;
      }
      this.cuts++;
      // The next byte continues a character.
      if (((bytes[left] ?? 0) & 0xc0) === 0x80) this.torn++;
      page.write(bytes.subarray(0, left), end);
    });
  }

  /** Asks for some frames that the page has already. */
  #earlier(bytes: Buffer): Buffer {
    const text = bytes.toString('latin1');
    const asked = /^(GET \S+\/stream\?after=[a-z0-9]+(?::|%3A))(\d+)/.exec(text);
    if (!asked || this.cuts >= this.#most) return bytes;
    const seq = Math.max(0, Number(asked[2]) - this.#random(0, 4));
    if (seq !== Number(asked[2])) this.replays++;
    return Buffer.from(`${asked[1]}${seq}${text.slice(asked[0].length)}`, 'latin1');
  }

  #random(from: number, to: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return from + Math.floor((this.#state / 2 ** 32) * (to - from));
  }
}
