import { ProblemError, type Relay } from '@tendril/stream';
import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { revokeShare, share, shares, type Share } from './more-calls';
import { shortTime, spoken, t, type TextKey } from './text';

export interface ShareProps {
  relay: Relay;
  /** Origin of the relay. */
  base: string;
  chat: string;
  /** Whether there are files to be shared too. */
  files: boolean;
}

const SPANS = [1, 7, 30];

/** Such as "7 days". */
const days = (n: number) => new Intl.NumberFormat(spoken().lang, { style: 'unit', unit: 'day', unitDisplay: 'long' }).format(n);

/** Makes a link to the chat as it is, and lists the visitor's links, each to be taken back. */
export function ShareForm({ relay, base, chat, files }: ShareProps): VNode {
  const [own, setOwn] = useState<Share[]>([]);
  const [span, setSpan] = useState(30);
  const [attachments, setAttachments] = useState(false);
  const [busy, setBusy] = useState(false);
  const [made, setMade] = useState<Share | null>(null);
  const [copied, setCopied] = useState(false);
  const [asked, setAsked] = useState<string | null>(null);
  const [problem, setProblem] = useState<TextKey | null>(null);
  const link = useRef<HTMLInputElement>(null);

  useEffect(() => void shares(relay).then(setOwn, () => setProblem('chat.failed')), [relay]);
  useEffect(() => {
    if (made === null) return;
    link.current?.focus();
    link.current?.select();
    link.current?.scrollTo({ left: 0 });
  }, [made]);

  const make = async () => {
    if (busy) return;
    setBusy(true);
    setProblem(null);
    try {
      const one = await share(relay, chat, { attachments, days: span });
      setCopied(false);
      setMade(one);
      setOwn((before) => [one, ...before]);
    } catch (error) {
      setProblem(error instanceof ProblemError && error.status === 409 ? 'share.full' : 'chat.failed');
    }
    setBusy(false);
  };
  const copy = () => {
    link.current?.select();
    navigator.clipboard.writeText(`${base}${made?.path ?? ''}`).then(() => setCopied(true), () => setCopied(false));
  };
  const revoke = async (id: string) => {
    setProblem(null);
    try {
      await revokeShare(relay, id);
    } catch (error) {
      // One that has ended meanwhile is what was wanted.
      if (!(error instanceof ProblemError && error.status === 404)) {
        setProblem('chat.failed');
        return;
      }
    }
    setAsked(null);
    setMade((before) => (before?.id === id ? null : before));
    setOwn((before) => before.filter((one) => one.id !== id));
  };

  return (
    <>
      <details class="share">
        <summary class="quiet">{t('share.title')}</summary>
        <p class="hint">{t('share.what')}</p>
        <label class="setting">
          {t('share.days')}
          <select value={span} onChange={(event) => setSpan(Number(event.currentTarget.value))}>
            {SPANS.map((n) => (
              <option key={n} value={n}>
                {days(n)}
              </option>
            ))}
          </select>
        </label>
        {files && (
          <label class="setting">
            <input type="checkbox" checked={attachments} onChange={(event) => setAttachments(event.currentTarget.checked)} />
            {t('share.files')}
          </label>
        )}
        {made === null ? (
          <button type="button" class="quiet strong" aria-disabled={busy} onClick={() => void make()}>
            {t('share.make')}
          </button>
        ) : (
          <div class="made" role="status">
            <span class="row">
              <input ref={link} readOnly dir="ltr" aria-label={t('share.link')} value={`${base}${made.path ?? ''}`} />
              <button type="button" class="quiet strong" onClick={copy}>
                {t(copied ? 'md.copied' : 'md.copy')}
              </button>
            </span>
            <p class="hint">{t('share.once')}</p>
          </div>
        )}
      </details>
      {problem !== null && (
        <p class="problem" role="alert">
          {t(problem)}
        </p>
      )}
      {own.length > 0 && (
        <>
          <h3>{t('share.links')}</h3>
          <ul class="links">
            {own.map((one) => (
              <li key={one.id}>
                <span class="what">
                  <span dir="auto">{one.title ?? t('chat.untitled')}</span>
                  <small>
                    {t('share.by', { time: shortTime(one.createdAt) })} · {t('share.until', { time: shortTime(one.expiresAt) })}
                  </small>
                </span>
                {asked === one.id ? (
                  <>
                    <button type="button" class="quiet danger" onClick={() => void revoke(one.id)}>
                      {t('share.revoke')}
                    </button>
                    <button type="button" class="quiet" onClick={() => setAsked(null)}>
                      {t('chat.keep')}
                    </button>
                  </>
                ) : (
                  <button type="button" class="quiet" onClick={() => setAsked(one.id)}>
                    {t('share.revoke')}…
                  </button>
                )}
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}
