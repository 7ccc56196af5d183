/**
 * The words of the wire, as `api/contract` has them. Fields that Java leaves out when they are null
 * are optional here. Tested against the golden samples that the Java tests read.
 */

/** A JSON value. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Whether somebody is there to answer. */
export interface Presence {
  online: boolean;
  /** The latest call of any worker; absent when there never was one. RFC 3339. */
  lastSeenAt?: string;
  model?: string;
  /** `guide`: the built-in extractive answerer, no language model. */
  modelKind?: 'llm' | 'guide';
}

/** What anybody may know of a site before signing in. */
export interface Site {
  site: string;
  title: string;
  greeting?: string;
  /** Longest message, in Unicode code points. */
  messageChars: number;
  worker: Presence;
  /** Whether chats can be sent by e-mail. */
  mail?: boolean;
  /** What a visitor must agree to before they write. */
  consent?: { version: number; text: string };
}

export interface SessionGrant {
  token: string;
  /** When the token ends (15 min). */
  expiresAt: string;
  /** One-use secret for the next token; using it twice ends the session. */
  refresh: string;
  sessionExpiresAt: string;
}

export interface AnswerFailure {
  code: string;
  /** A sentence for the visitor. */
  text: string;
  retryable: boolean;
}

export interface Metadata {
  createdAt?: string;
  model?: string;
  modelKind?: 'llm' | 'guide';
  /** Absent for a finished answer. */
  state?: 'stopped' | 'failed';
  reason?: string;
  usage?: { in?: number; out?: number; cached?: number; reasoning?: number };
  failure?: AnswerFailure;
}

export type Part =
  | { type: 'text'; text: string }
  | { type: 'reasoning'; text: string }
  | {
      type: 'dynamic-tool';
      toolName: string;
      toolCallId: string;
      state: 'input-available' | 'output-available' | 'output-error';
      input?: Json;
      output?: Json;
      errorText?: string;
    }
  | { type: 'source-url'; sourceId: string; url: string; title?: string }
  | { type: 'file'; mediaType: string; url: string; filename?: string }
  | { type: 'step-start' };

export interface ChatMessage {
  id: string;
  role: 'user' | 'assistant';
  parts: Part[];
  metadata?: Metadata;
}

/** Finished messages, oldest first; the answer in flight is left out (the stream has it). */
export interface MessagePage {
  messages: ChatMessage[];
  /** Pass as `before` for the page before this one. */
  next?: string;
}

/** Where a turn stands (docs/states.md). */
export interface RunStatus {
  answerId: string;
  messageId: string;
  state: 'waiting' | 'ready' | 'running' | 'done' | 'failed' | 'cancelled';
  /** Runs that start before it, plus 1; 0 unless waiting or ready. */
  position: number;
  attempt: number;
}

export interface Chat {
  id: string;
  createdAt: string;
  title?: string;
  /** Position after the last stored frame. */
  cursor: string;
  run?: RunStatus;
  worker: Presence;
}

/** The relay has the message durably. */
export interface Accepted {
  messageId: string;
  answerId: string;
  /** Read the stream after this to see every frame of this turn. */
  cursor: string;
  duplicate: boolean;
  run: RunStatus;
}

/** What the visitor thinks of an answer; null takes it back. */
export interface Feedback {
  messageId: string;
  verdict: 'up' | 'down' | null;
  words?: string;
}

/** What the visitor marked in a chat. */
export interface Marks {
  pinned?: string;
  feedback: Feedback[];
}

export interface Problem {
  type: string;
  title: string;
  status: number;
  code: string;
  detail?: string;
  requestId: string;
}

/** One chunk of an answer: the AI SDK's UI message stream, version 1, and the relay's own data. */
export type Frame =
  | { type: 'start'; messageId: string; messageMetadata?: Metadata }
  | { type: 'start-step' }
  | { type: 'text-start'; id: string }
  | { type: 'text-delta'; id: string; delta: string }
  | { type: 'text-end'; id: string }
  | { type: 'reasoning-start'; id: string }
  | { type: 'reasoning-delta'; id: string; delta: string }
  | { type: 'reasoning-end'; id: string }
  | { type: 'tool-input-start'; toolCallId: string; toolName: string; dynamic?: boolean }
  | { type: 'tool-input-delta'; toolCallId: string; inputTextDelta: string }
  | { type: 'tool-input-available'; toolCallId: string; toolName: string; input: Json; dynamic?: boolean }
  | { type: 'tool-output-available'; toolCallId: string; output: Json; dynamic?: boolean }
  | { type: 'tool-output-error'; toolCallId: string; errorText: string; dynamic?: boolean }
  | { type: 'source-url'; sourceId: string; url: string; title?: string }
  | { type: 'file'; url: string; mediaType: string }
  | { type: 'finish-step' }
  | { type: 'finish'; messageMetadata?: Metadata }
  | { type: 'abort' }
  | { type: 'error'; errorText: string }
  | { type: 'data-relay-message'; data: ChatMessage & { replaces?: string }; transient: true }
  | { type: 'data-relay-superseded'; data: { parts: string[]; attempt: number }; transient: true }
  | { type: 'data-relay-compacted'; data: { messages: number }; transient: true }
  | { type: 'data-relay-failure'; data: { code: string; retryable: boolean }; transient: true }
  | {
      type: 'data-relay-status';
      data: { state: 'queued' | 'running'; position: number; worker: Presence };
      transient: true;
    };

/** Whether nothing of the same message follows this frame. */
export function terminal(frame: Frame): boolean {
  return frame.type === 'finish' || frame.type === 'abort' || frame.type === 'error';
}
