import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { AwayError, ProblemError, Relay } from './relay';

let server: Server;
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

async function serve(listener: RequestListener): Promise<string> {
  server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('401: asks for another token once, then the same call again', async () => {
  const tokens: (string | undefined)[] = [];
  const base = await serve((request, response) => {
    tokens.push(request.headers.authorization);
    const good = request.headers.authorization === 'Bearer new';
    response.writeHead(good ? 200 : 401, { 'content-type': 'application/json' });
    response.end(good ? '{"id":"c"}' : '{"code":"unauthorized"}');
  });
  const relay = new Relay(base, { token: async () => 'old', renew: async (refused) => (refused === 'old' ? 'new' : 'x') });
  expect(await relay.openChat()).toEqual({ id: 'c' });
  expect(tokens).toEqual(['Bearer old', 'Bearer new']);
});

test('401 twice is an answer, not a loop', async () => {
  let calls = 0;
  const base = await serve((_request, response) => {
    calls++;
    response.writeHead(401).end();
  });
  const relay = new Relay(base, { token: async () => 'a', renew: async () => 'b' });
  await expect(relay.chat('c')).rejects.toMatchObject({ status: 401, code: 'unknown' });
  expect(calls).toBe(2);
});

test('a problem carries code, detail and how long to wait', async () => {
  const base = await serve((_request, response) => {
    response.writeHead(429, { 'content-type': 'application/problem+json', 'retry-after': '7' });
    response.end('{"code":"rate_limited","title":"Too many requests","detail":"Slower."}');
  });
  const error = await new Relay(base).site('x').catch((e: unknown) => e);
  expect(error).toBeInstanceOf(ProblemError);
  expect(error).toMatchObject({ status: 429, code: 'rate_limited', detail: 'Slower.', retryAfter: 7, passing: true });
});

test('nobody there, and an answer that breaks off, are the same to the caller', async () => {
  const base = await serve((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
    response.write('{"site":', () => response.destroy());
  });
  await expect(new Relay(base).site('x')).rejects.toBeInstanceOf(AwayError);
  await expect(new Relay('http://127.0.0.1:1').site('x')).rejects.toBeInstanceOf(AwayError);
});
