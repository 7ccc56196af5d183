import { useChat } from '@ai-sdk/react';
import { DefaultChatTransport, type UIMessage } from 'ai';
import { createElement as h, useEffect, useMemo, type ReactElement } from 'react';
import { createRoot } from 'react-dom/client';

/** A page of somebody else's: the AI SDK's `useChat` and its default transport, pointed at a relay. */

export interface Where {
  base: string;
  chat: string;
  token: string;
}

/** The relay accepts a message and streams its answer by two calls; the transport expects one. */
export function transport({ base, chat, token }: Where): DefaultChatTransport<UIMessage> {
  const calls = `${base}/api/v1/chats/${chat}`;
  const headers = { Authorization: `Bearer ${token}` };
  return new DefaultChatTransport({
    api: `${calls}/messages`,
    headers,
    prepareSendMessagesRequest: ({ messages }) => {
      const last = messages.at(-1);
      return { body: { id: last?.id, parts: last?.parts } };
    },
    prepareReconnectToStreamRequest: () => ({ api: `${calls}/stream`, headers }),
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      if (init?.method !== 'POST' || !response.ok) return response;
      const { cursor } = (await response.json()) as { cursor: string };
      return fetch(`${calls}/stream?after=${cursor}`, { headers, signal: init.signal ?? null });
    },
  });
}

/** As it comes: `POST /api/v1/chat`, and `GET /api/v1/chat/{id}/stream` to resume. */
function plain({ base, token }: Where): DefaultChatTransport<UIMessage> {
  return new DefaultChatTransport({ api: `${base}/api/v1/chat`, headers: { Authorization: `Bearer ${token}` } });
}

function Page({ where, ask, adapted }: { where: Where; ask: string | null; adapted: boolean }): ReactElement {
  const { messages, status, error, sendMessage } = useChat({
    id: where.chat,
    transport: useMemo(() => (adapted ? transport(where) : plain(where)), [where, adapted]),
    // Without a question of its own: goes on with the answer in flight.
    resume: ask === null,
  });
  useEffect(() => {
    if (ask !== null) void sendMessage({ text: ask });
  }, [ask, sendMessage]);
  const said = messages.map((message, at) =>
    h('pre', { key: at, className: message.role }, message.parts.map((part) => (part.type === 'text' ? part.text : '')).join('')),
  );
  return h('main', { className: status }, said, error === undefined ? null : h('p', { role: 'alert' }, error.message));
}

/** Shows the page; `ask` is sent at once, null resumes. `adapted`: by the native calls instead of the SDK's own. */
export function show(where: Where, ask: string | null, adapted = true): void {
  createRoot(document.body.appendChild(document.createElement('div'))).render(h(Page, { where, ask, adapted }));
}
