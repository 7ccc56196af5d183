import * as current from 'ai';
import * as first5 from 'ai-5-0';
import * as last5 from 'ai-5';
import * as first6 from 'ai-6-0';
import * as latest from 'ai-7';
import { LONG_QUESTION, expect, markdownOf, test, type Stored } from './tendril';

/** What is the same in all versions of the SDK. */
interface Message {
  id: string;
  role: 'user' | 'assistant';
  parts: { type: string; text?: string }[];
}
interface Transport {
  sendMessages(options: object): Promise<ReadableStream<unknown>>;
  reconnectToStream(options: object): Promise<ReadableStream<unknown> | null>;
}
interface Sdk {
  DefaultChatTransport: new (options: { api: string; headers: Record<string, string> }) => Transport;
  readUIMessageStream(options: { stream: ReadableStream<unknown>; onError(error: unknown): void; terminateOnError: boolean }): AsyncIterable<Message>;
}

const SDKS: [string, unknown][] = [
  ['5.0.0', first5],
  ['5.0.277', last5],
  ['6.0.0', first6],
  ['6.0.323', current],
  ['7.0.173', latest],
];

test("the default transport of each version of the AI SDK chats with the relay, and resumes", async ({ tendril }) => {
  const opened = await fetch(`${tendril.url}/api/v1/sessions`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ site: tendril.site, code: tendril.accessCode }),
  });
  const { token } = (await opened.json()) as { token: string };
  const headers = { Authorization: `Bearer ${token}` };
  await Promise.all(
    SDKS.map(async ([version, loaded], at) => {
      const sdk = loaded as Sdk;
      const transport = new sdk.DefaultChatTransport({ api: `${tendril.url}/api/v1/chat`, headers });
      const chatId = `page-${at}`;
      const question: Message = { id: `q${at}`, role: 'user', parts: [{ type: 'text', text: LONG_QUESTION }] };
      const read = async (stream: ReadableStream<unknown>) => {
        let last: Message | undefined;
        const failed: unknown[] = [];
        for await (const message of sdk.readUIMessageStream({ stream, onError: (error) => failed.push(error), terminateOnError: true })) last = message;
        expect(failed, version).toEqual([]);
        return (last?.parts ?? []).map((part) => (part.type === 'text' ? (part.text ?? '') : '')).join('');
      };
      expect(await transport.reconnectToStream({ chatId }), version).toBeNull();
      const send = { chatId, messages: [question], trigger: 'submit-message', messageId: undefined, abortSignal: undefined };
      const [answer, resumed] = [read(await transport.sendMessages(send)), transport.reconnectToStream({ chatId })];
      const stream = await resumed;
      expect(stream, `${version} resumes`).not.toBeNull();
      const words = await answer;
      expect(words, version).toContain('vine');
      expect(await read(stream as ReadableStream<unknown>), version).toBe(words);
      // Sent again under its id: the same answer, not another.
      expect(await read(await transport.sendMessages(send)), version).toBe(words);
    }),
  );
  const { chats } = (await (await fetch(`${tendril.url}/api/v1/chats`, { headers })).json()) as { chats: { id: string }[] };
  expect(chats).toHaveLength(SDKS.length);
  for (const { id } of chats) {
    const page = (await (await fetch(`${tendril.url}/api/v1/chats/${id}/messages`, { headers })).json()) as { messages: Stored[] };
    expect(page.messages.map(({ role }) => role)).toEqual(['user', 'assistant']);
    expect(markdownOf(page.messages[1])).toContain('vine');
  }
});
