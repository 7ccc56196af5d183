import type { ChatMessage, Relay } from '@tendril/stream';

/** Calls that only what is fetched later makes. Errors as those of [Relay]. */

/** A link of the visitor's to one of their chats. */
export interface Share {
  id: string;
  chatId: string;
  title?: string;
  createdAt: string;
  expiresAt: string;
  attachments: boolean;
  /** Told once, by the call that makes it. */
  path?: string;
}

/** A chat as it was when its visitor shared it. */
export interface SharedChat {
  site: string;
  sharedAt: string;
  expiresAt: string;
  messages: ChatMessage[];
}

const chatPath = (id: string) => `/api/v1/chats/${encodeURIComponent(id)}`;

/** Deletes the chat for good. */
export async function deleteChat(relay: Relay, id: string): Promise<void> {
  await relay.call('DELETE', chatPath(id));
}

/** The chat as a file. */
export async function transcript(relay: Relay, id: string, format: 'md' | 'html' | 'json'): Promise<Blob> {
  return (await relay.call('GET', `${chatPath(id)}/transcript?format=${format}`)).blob();
}

/** Freezes the chat and makes a link to that. */
export function share(relay: Relay, id: string, wanted: { attachments: boolean; days: number }): Promise<Share> {
  return relay.json('POST', `${chatPath(id)}/share`, wanted);
}

/** The visitor's links that still open something. */
export async function shares(relay: Relay): Promise<Share[]> {
  return (await relay.json<{ shares: Share[] }>('GET', '/api/v1/shares')).shares;
}

export async function revokeShare(relay: Relay, id: string): Promise<void> {
  await relay.call('DELETE', `/api/v1/shares/${encodeURIComponent(id)}`);
}

/** Fetches the images that a link shows. */
export function sharedImages(base: string, token: string): { call(method: string, path: string): Promise<Response> } {
  return {
    call: async (_, path) => {
      const init = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ token }), credentials: 'omit' } as const;
      const answer = await fetch(`${base}${path.replace('/api/v1/', '/api/v1/shared/')}`, init);
      if (!answer.ok) throw new Error('no such image');
      return answer;
    },
  };
}

/** What a link shows, to anybody. */
export function shared(relay: Relay, token: string): Promise<SharedChat> {
  return relay.open('POST', '/api/v1/shared', { token });
}

/** How far a chat by e-mail has got. */
export interface MailRequest {
  id: string;
  state: 'asked' | 'queued' | 'sent' | 'failed' | 'ended';
  triesLeft: number;
  expiresAt: string;
}

/** Sends a code to the address. */
export function askMail(relay: Relay, chat: string, wanted: { address: string; language: string }): Promise<MailRequest> {
  return relay.json('POST', `${chatPath(chat)}/email`, wanted);
}

/** Sends the chat once the code is right. */
export function confirmMail(relay: Relay, chat: string, id: string, code: string): Promise<MailRequest> {
  return relay.json('POST', `${chatPath(chat)}/email/${encodeURIComponent(id)}/confirm`, { code });
}

export function mailState(relay: Relay, chat: string, id: string): Promise<MailRequest> {
  return relay.json('GET', `${chatPath(chat)}/email/${encodeURIComponent(id)}`);
}

/** The visitor agrees to the site's text. */
export async function agree(relay: Relay, version: number): Promise<void> {
  await relay.call('POST', '/api/v1/sessions/current/consent', { version });
}
