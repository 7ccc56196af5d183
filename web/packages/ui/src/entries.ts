import type { ChatMessage, LivePart, Metadata, Part } from '@tendril/stream';
import { t, type Said } from './text';

/** What stands in a chat: the visitor's messages and the answers to them. */

export interface Question {
  kind: 'question';
  id: string;
  text: string;
  files?: FilePart[];
  at?: string;
  /** `unsent`: tried, and tried again until it fails for a reason; the id stays the same. */
  delivery: 'sending' | 'unsent' | 'failed' | 'sent';
  /** The message of which this is the new wording. */
  replaces?: string;
  problem?: Said;
}

export interface Answer {
  kind: 'answer';
  id: string;
  /**
   * `queued`: nobody works on it yet. `writing`: frames arrive. `done`, `stopped`, `failed`: as the
   * history will have it.
   */
  phase: 'queued' | 'writing' | 'done' | 'stopped' | 'failed';
  parts: LivePart[];
  metadata: Metadata;
  /** Place in line, 1 is next; 0: not in line, or unknown. */
  position: number;
  /** Another attempt began after parts were superseded. */
  again: boolean;
  problem?: Said;
}

/** An image of a message. */
export type FilePart = Extract<Part, { type: 'file' }>;

export type Entry = Question | Answer;

/** The answer's markdown, exactly as the history has it. */
export function markdownOf(answer: Answer): string {
  return answer.parts.map(({ part }) => (part.type === 'text' ? part.text : '')).join('');
}

/** Nothing more will come. */
export function over(answer: Answer): boolean {
  return answer.phase === 'done' || answer.phase === 'stopped' || answer.phase === 'failed';
}

export function failureText(answer: Answer): string {
  return answer.metadata.failure?.text ?? t('turn.failed');
}

/** How much text there is to see. */
export function textLength(parts: LivePart[]): number {
  return parts.reduce((sum, { part }) => sum + (part.type === 'text' ? part.text.length : 0), 0);
}

export function waiting(id: string, position: number): Answer {
  return { kind: 'answer', id, phase: 'queued', parts: [], metadata: {}, position, again: false };
}

export function asked(message: ChatMessage): Question {
  const text = message.parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
  const at = message.metadata?.createdAt;
  const files = message.parts.filter((part) => part.type === 'file');
  return { kind: 'question', id: message.id, text, files, delivery: 'sent', ...(at === undefined ? {} : { at }) };
}

function answered(message: ChatMessage): Answer {
  const metadata = message.metadata ?? {};
  return {
    kind: 'answer',
    id: message.id,
    phase: metadata.state ?? 'done',
    parts: message.parts.map((part, at) => ({ key: String(at), part, closed: true })),
    metadata,
    position: 0,
    again: false,
  };
}

/** Finished messages as entries; the history has them in the order of turns. */
export function told(messages: ChatMessage[]): Entry[] {
  return messages.map((message) => (message.role === 'user' ? asked(message) : answered(message)));
}
