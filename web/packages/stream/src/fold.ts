import type { Frame, Json, Part } from './wire';

/**
 * Folds the frames of one answer into the parts of its message: the same rules as Java's
 * `FrameFolder`, tested against the same golden samples `wire/fold-*.json`.
 *
 * Parts stand in the order in which they were opened; deltas to an id that is not open are ignored;
 * `data-relay-superseded` removes the named parts that stand at that moment; parts that stayed empty
 * and step boundaries with nothing behind them are left out.
 */

interface Prose {
  kind: 'text' | 'reasoning';
  id: string;
  text: string;
  closed: boolean;
}
interface Call {
  kind: 'tool';
  id: string;
  name: string;
  available: boolean;
  input?: Json;
  output?: Json;
  errorText?: string;
}
interface Whole {
  kind: 'whole';
  id: string;
  part: Part;
}
type Open = Prose | Call | Whole | { kind: 'step'; id: null };

/** A folded part with what a page needs beside it. */
export interface LivePart {
  /** Stable over the life of the message: a page keys its nodes by it. */
  key: string;
  part: Part;
  /** Nothing will be added to it. */
  closed: boolean;
}

export class FrameFolder {
  readonly #parts = new Map<string, Open>();
  #steps = 0;

  /** Takes the next frame. */
  accept(frame: Frame): void {
    const parts = this.#parts;
    switch (frame.type) {
      case 'start-step':
        parts.set(`step:${this.#steps++}`, { kind: 'step', id: null });
        break;
      case 'text-start':
      case 'reasoning-start': {
        const kind = frame.type === 'text-start' ? 'text' : 'reasoning';
        parts.set(`${kind}:${frame.id}`, { kind, id: frame.id, text: '', closed: false });
        break;
      }
      case 'text-delta':
      case 'reasoning-delta': {
        const open = parts.get(`${frame.type === 'text-delta' ? 'text' : 'reasoning'}:${frame.id}`);
        if (open && 'text' in open && !open.closed) open.text += frame.delta;
        break;
      }
      case 'text-end':
      case 'reasoning-end': {
        const open = parts.get(`${frame.type === 'text-end' ? 'text' : 'reasoning'}:${frame.id}`);
        if (open && 'closed' in open) open.closed = true;
        break;
      }
      case 'tool-input-start':
        this.#call(frame.toolCallId, frame.toolName);
        break;
      case 'tool-input-available': {
        const call = this.#call(frame.toolCallId, frame.toolName);
        call.input = frame.input;
        call.available = true;
        break;
      }
      case 'tool-output-available': {
        const call = parts.get(`tool:${frame.toolCallId}`);
        if (call?.kind === 'tool') call.output = frame.output;
        break;
      }
      case 'tool-output-error': {
        const call = parts.get(`tool:${frame.toolCallId}`);
        if (call?.kind === 'tool') call.errorText = frame.errorText;
        break;
      }
      case 'source-url': {
        const { sourceId, url, title } = frame;
        const part: Part = { type: 'source-url', sourceId, url, ...(title === undefined ? {} : { title }) };
        parts.set(`source:${sourceId}`, { kind: 'whole', id: sourceId, part });
        break;
      }
      case 'file': {
        const { url, mediaType } = frame;
        parts.set(`file:${url}`, { kind: 'whole', id: url, part: { type: 'file', mediaType, url } });
        break;
      }
      case 'data-relay-superseded':
        for (const [key, open] of parts) {
          if (open.id !== null && frame.data.parts.includes(open.id)) parts.delete(key);
        }
        break;
      case 'start':
      case 'tool-input-delta':
      case 'finish-step':
      case 'finish':
      case 'abort':
      case 'error':
      case 'data-relay-message':
      case 'data-relay-compacted':
      case 'data-relay-failure':
      case 'data-relay-status':
        break;
      default:
        // A frame of a later protocol: not for us, and no reason to lose the answer.
        frame satisfies never;
    }
  }

  /** The message's parts so far, as the history will have them. */
  parts(): Part[] {
    return this.live().map((live) => live.part);
  }

  /** The same parts with keys. */
  live(): LivePart[] {
    const folded: LivePart[] = [];
    let boundary: string | null = null;
    for (const [key, open] of this.#parts) {
      if (open.kind === 'step') {
        boundary = key;
        continue;
      }
      const part = close(open);
      if (part === null) continue;
      if (boundary !== null) {
        folded.push({ key: boundary, part: { type: 'step-start' }, closed: true });
        boundary = null;
      }
      folded.push({ key, part, closed: 'closed' in open ? open.closed : true });
    }
    return folded;
  }

  #call(id: string, name: string): Call {
    const key = `tool:${id}`;
    const open = this.#parts.get(key);
    if (open?.kind === 'tool') return open;
    const call: Call = { kind: 'tool', id, name, available: false };
    this.#parts.set(key, call);
    return call;
  }
}

/** The parts of a whole list of frames. */
export function fold(frames: Iterable<Frame>): Part[] {
  const folder = new FrameFolder();
  for (const frame of frames) folder.accept(frame);
  return folder.parts();
}

/** One open part; null while there is nothing of it to show. */
function close(open: Exclude<Open, { kind: 'step' }>): Part | null {
  switch (open.kind) {
    case 'text':
    case 'reasoning':
      return open.text === '' ? null : { type: open.kind, text: open.text };
    case 'whole':
      return open.part;
    case 'tool': {
      if (!open.available) return null;
      const { id, name, input, output, errorText } = open;
      const state = errorText != null ? 'output-error' : output != null ? 'output-available' : 'input-available';
      return {
        type: 'dynamic-tool',
        toolName: name,
        toolCallId: id,
        state,
        ...(input == null ? {} : { input }),
        ...(output == null ? {} : { output }),
        ...(errorText == null ? {} : { errorText }),
      };
    }
  }
}
