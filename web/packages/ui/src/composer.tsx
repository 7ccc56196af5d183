import type { ComponentChildren, VNode } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { SendIcon, StopIcon } from './icons';
import { number, t } from './text';

export interface ComposerProps {
  /** Longest message in Unicode code points. */
  limit: number;
  draft: string;
  onDraft(draft: string): void;
  /** False: the draft stays. */
  onSend(text: string): void;
  /** An answer can be stopped. */
  answering: boolean;
  stopping: boolean;
  onStop(): void;
  /** Images that go along; null while some are on their way. */
  files: number | null;
  /** What picks them. */
  children: ComponentChildren;
}

/** Where the visitor writes. Enter sends, Shift+Enter breaks the line. */
export function Composer(props: ComposerProps): VNode {
  const { limit, draft, onDraft, onSend, answering, stopping, onStop, files } = props;
  const area = useRef<HTMLTextAreaElement>(null);
  const count = codePoints(draft);
  const over = count - limit;
  const near = over > 0 || count > limit * 0.9;
  const ready = files !== null && (files > 0 || draft.trim() !== '') && over <= 0;

  useLayoutEffect(() => {
    const field = area.current;
    if (!field) return;
    // The style object, not the attribute: a strict policy allows it.
    field.style.blockSize = 'auto';
    field.style.blockSize = `${field.scrollHeight}px`;
  }, [draft]);

  useEffect(() => {
    if (matchMedia('(pointer: fine)').matches) area.current?.focus({ preventScroll: true });
  }, []);

  const send = () => {
    if (!ready) return;
    onSend(storable(draft.trim()));
    area.current?.focus();
  };

  return (
    <form
      class="composer"
      part="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <div class={over > 0 ? 'field over' : 'field'}>
        <textarea
          ref={area}
          rows={1}
          value={draft}
          dir="auto"
          placeholder={t('compose.placeholder')}
          aria-label={t('compose.label')}
          aria-describedby={near ? 'count' : undefined}
          aria-invalid={over > 0}
          enterkeyhint="send"
          onInput={(event) => onDraft(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
              event.preventDefault();
              send();
            }
          }}
        />
        {props.children}
        {answering && (
          <button type="button" class="round stop" aria-label={t('compose.stop')} title={t('compose.stop')} aria-disabled={stopping} onClick={onStop}>
            <StopIcon />
          </button>
        )}
        {(!answering || ready) && (
          <button type="submit" class="round send" aria-label={t('compose.send')} title={t('compose.send')} aria-disabled={!ready}>
            <SendIcon />
          </button>
        )}
      </div>
      {near && (
        <p id="count" class={over > 0 ? 'count problem' : 'count'} role={over > 0 ? 'alert' : undefined}>
          {over > 0
            ? t('compose.over', { over: number(over) })
            : t('compose.count', { count: number(count), limit: number(limit) })}
        </p>
      )}
    </form>
  );
}

function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/** Without what no database keeps: NUL, and halves of surrogate pairs. */
function storable(text: string): string {
  return text.replaceAll('\0', '').replace(/\p{Cs}/gu, '\ufffd');
}
