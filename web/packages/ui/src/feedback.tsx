import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Verdict } from './marks';
import { t } from './text';

export interface FeedbackProps {
  verdict: Verdict;
  onSend(words: string): Promise<void>;
  onDone(): void;
}

/** Some words about an answer, if the visitor wants to. The verdict itself is stored already. */
export function FeedbackForm({ verdict, onSend, onDone }: FeedbackProps): VNode {
  const [words, setWords] = useState('');
  const [sent, setSent] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => field.current?.focus({ preventScroll: true }), []);
  if (sent) {
    return (
      <p class="aside" role="status">
        {t('mark.thanks')}
      </p>
    );
  }
  return (
    <form
      class="feedback"
      onSubmit={(event) => {
        event.preventDefault();
        if (words.trim() === '') {
          onDone();
          return;
        }
        setSent(true);
        void onSend(words.trim());
      }}
    >
      <label>
        {t(verdict === 'up' ? 'mark.good' : 'mark.why')}
        <textarea
          ref={field}
          rows={2}
          maxLength={1_000}
          dir="auto"
          value={words}
          onInput={(event) => setWords(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Escape') return;
            event.stopPropagation();
            event.preventDefault();
            onDone();
          }}
        />
      </label>
      <span class="row">
        <button type="submit" class="quiet">
          {t('mark.send')}
        </button>
        <button type="button" class="quiet plain" onClick={onDone}>
          {t('turn.cancel')}
        </button>
      </span>
    </form>
  );
}
