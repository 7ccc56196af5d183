import { ProblemError, SseParser, type Relay } from '@tendril/stream';

/** Calls of a visitor's own model, which the relay passes on. The key lives in this object and nowhere else. */

export interface Said {
  role: 'user' | 'assistant';
  content: string;
}

export interface OwnModel {
  endpoint: string;
  key: string;
  model: string;
}

/** The endpoint ended the answer with an error of its own, or without its end. */
export class CutAnswer extends Error {}

/** Addresses that the site allows. */
export async function endpoints(relay: Relay): Promise<string[]> {
  return (await relay.json<{ endpoints: string[] }>('GET', '/api/v1/own/endpoints')).endpoints;
}

/** Names of the endpoint's models. */
export async function models(relay: Relay, own: Omit<OwnModel, 'model'>): Promise<string[]> {
  const answer = await relay.call('GET', '/api/v1/own/models', undefined, AbortSignal.timeout(60_000), heads(own));
  const { data } = (await answer.json()) as { data?: { id?: unknown }[] };
  return (data ?? []).flatMap(({ id }) => (typeof id === 'string' ? [id] : [])).slice(0, 500);
}

/** Streams one answer. Throws [CutAnswer] when it is not whole. */
export async function complete(relay: Relay, own: OwnModel, messages: Said[], signal: AbortSignal, more: (text: string) => void): Promise<void> {
  const body = { model: own.model, messages, stream: true };
  const answer = await relay.call('POST', '/api/v1/own/chat/completions', body, signal, heads(own));
  const parser = new SseParser();
  const reader = answer.body?.getReader();
  if (!reader) throw new CutAnswer();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) throw new CutAnswer();
      for (const { data } of parser.feed(value)) {
        if (data === '[DONE]') return;
        const chunk = JSON.parse(data) as { error?: unknown; choices?: { delta?: { content?: string | null } }[] };
        if (chunk.error !== undefined) throw new CutAnswer();
        const text = chunk.choices?.[0]?.delta?.content;
        if (text) more(text);
      }
    }
  } catch (error) {
    if (signal.aborted || error instanceof CutAnswer || error instanceof ProblemError) throw error;
    throw new CutAnswer();
  } finally {
    reader.cancel().catch(() => {});
  }
}

function heads({ endpoint, key }: Omit<OwnModel, 'model'>): Record<string, string> {
  return { 'X-Model-Endpoint': endpoint, ...(key === '' ? {} : { 'X-Model-Key': key }) };
}
