import { expect, test } from 'vitest';
import { SseParser, type SseEvent } from './sse';

const stream = 'retry: 3000\n\nid: a:1\ndata: {"x":"wörld 🌿"}\n\n: ping\n\ndata:one\ndata: two\n\nid: a:2\ndata:  lead\n\n';
const events: SseEvent[] = [
  { data: '{"x":"wörld 🌿"}', id: 'a:1' },
  { data: 'one\ntwo' },
  { data: ' lead', id: 'a:2' },
];

test.each(['\n', '\r\n', '\r'])('every split in two and in single bytes, line end %j', (end) => {
  const bytes = new TextEncoder().encode(stream.replaceAll('\n', end));
  for (let cut = 0; cut <= bytes.length; cut++) {
    const parser = new SseParser();
    expect([...parser.feed(bytes.slice(0, cut)), ...parser.feed(bytes.slice(cut))]).toEqual(events);
  }
  const parser = new SseParser();
  expect([...bytes].flatMap((byte) => parser.feed(Uint8Array.of(byte)))).toEqual(events);
});

test('an unfinished event is not delivered', () => {
  expect(new SseParser().feed(new TextEncoder().encode('data: half\n'))).toEqual([]);
});

test('an id does not stick to the next event', () => {
  const parser = new SseParser();
  expect(parser.feed(new TextEncoder().encode('id: 1\n\ndata: x\n\n'))).toEqual([{ data: 'x' }]);
});
