import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { markdownOf } from './entries';
import type { AnswerProps } from './entry';
import { FeedbackForm } from './feedback';
import type { Verdict } from './marks';
import { AgainIcon, CheckIcon, CopyIcon, PinIcon, UpIcon } from './more-icons';
import { shortTime, t } from './text';

/** What can be done with a finished answer. */
export function Foot({ answer, last, pinned, verdict, onRetry, marks }: AnswerProps): VNode {
  const { id, phase, metadata } = answer;
  const [copied, setCopied] = useState(false);
  const [form, setForm] = useState(false);
  const copy = () => {
    navigator.clipboard.writeText(markdownOf(answer)).then(
      () => {
        setCopied(true);
        setTimeout(() => setCopied(false), 2_000);
      },
      () => {},
    );
  };
  const judge = (wanted: Verdict) => {
    const next = verdict === wanted ? null : wanted;
    void marks?.judge(id, next);
    setForm(next !== null);
  };
  const { createdAt, model } = metadata;
  return (
    <>
        <span class="acts">
          <Act label={t(copied ? 'md.copied' : 'md.copy-answer')} onClick={copy}>
            {copied ? <CheckIcon /> : <CopyIcon />}
          </Act>
          <Act label={t('mark.up')} pressed={verdict === 'up'} onClick={() => judge('up')}>
            <UpIcon />
          </Act>
          <Act label={t('mark.down')} pressed={verdict === 'down'} turned onClick={() => judge('down')}>
            <UpIcon />
          </Act>
          <Act label={t(pinned ? 'pin.unpin' : 'pin.pin')} pressed={pinned} onClick={() => void marks?.pin(id)}>
            <PinIcon />
          </Act>
          {last && phase === 'done' && (
            <Act label={t('turn.regenerate')} onClick={() => onRetry(id)}>
              <AgainIcon />
            </Act>
          )}
        </span>
        {createdAt !== undefined && <time dateTime={createdAt}>{shortTime(createdAt)}</time>}
        {model !== undefined && <span class="model">{model}</span>}
      {form && verdict !== undefined && <FeedbackForm verdict={verdict} onSend={async (words) => marks?.judge(id, verdict, words)} onDone={() => setForm(false)} />}
    </>
  );
}

interface ActProps {
  label: string;
  pressed?: boolean;
  turned?: boolean;
  onClick(): void;
  children: VNode;
}

/** A small button with a picture. */
function Act({ label, pressed, turned = false, onClick, children }: ActProps): VNode {
  return (
    <button type="button" class={turned ? 'act turned' : 'act'} title={label} aria-label={label} aria-pressed={pressed} onClick={onClick}>
      {children}
    </button>
  );
}
