import { ProblemError, type Relay } from '@tendril/stream';
import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { askMail, confirmMail, mailState, type MailRequest } from './more-calls';
import { spoken, t, type TextKey } from './text';

/** How often the page asks what became of the letter, and for how long. Milliseconds. */
const ASK_MS = 1_500;
const PATIENCE_MS = 90_000;

/** Sends the chat to an address that the visitor shows to be theirs by a code. */
export function EmailForm({ relay, chat }: { relay: Relay; chat: string }): VNode {
  const [address, setAddress] = useState('');
  const [code, setCode] = useState('');
  const [request, setRequest] = useState<MailRequest | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<TextKey | null>(null);
  const field = useRef<HTMLInputElement>(null);
  const state = request?.state ?? 'none';
  const waiting = state === 'asked' || state === 'queued';
  const id = request?.id;

  useEffect(() => {
    if (state === 'asked') field.current?.focus();
  }, [state]);
  useEffect(() => {
    if (!waiting || id === undefined) return;
    const begun = Date.now();
    const timer = setInterval(() => {
      if (Date.now() - begun > PATIENCE_MS) clearInterval(timer);
      // What the letter became is worth a try, not a complaint.
      void mailState(relay, chat, id).then((now) => setRequest((before) => (before?.id === now.id ? now : before)), () => {});
    }, ASK_MS);
    return () => clearInterval(timer);
  }, [relay, chat, id, waiting, state]);

  const tried = async (work: () => Promise<MailRequest>, refused: TextKey) => {
    if (busy) return;
    setBusy(true);
    setProblem(null);
    try {
      const next = await work();
      if (next.state === 'asked' && request !== null) setProblem('mail.wrong');
      setCode('');
      setRequest(next);
    } catch (error) {
      const key = error instanceof ProblemError ? REFUSALS[error.code] : undefined;
      setProblem(key ?? (error instanceof ProblemError && error.status < 500 ? refused : 'chat.failed'));
    }
    setBusy(false);
    field.current?.focus();
  };
  const submit = (event: Event) => {
    event.preventDefault();
    if (request === null) void tried(() => askMail(relay, chat, { address: address.trim(), language: spoken().lang }), 'mail.bad-address');
    else void tried(() => confirmMail(relay, chat, request.id, code), 'chat.failed');
  };

  return (
    <details class="share">
      <summary class="quiet">{t('mail.title')}</summary>
      {state === 'none' && (
        <form class="made" onSubmit={submit} noValidate>
          <label for="mail-address">{t('mail.address')}</label>
          <span class="row">
            <input id="mail-address" ref={field} type="email" dir="ltr" autocomplete="email" maxLength={254} value={address} aria-invalid={problem !== null} aria-describedby="mail-said" onInput={(event) => setAddress(event.currentTarget.value)} />
            <button type="submit" class="quiet strong" aria-disabled={busy}>
              {t('mail.ask')}
            </button>
          </span>
          <p id="mail-said" class="hint">
            {t('mail.what')}
          </p>
        </form>
      )}
      {state === 'asked' && (
        <form class="made" onSubmit={submit} noValidate>
          <label for="mail-code">{t('mail.code')}</label>
          <span class="row">
            <input id="mail-code" ref={field} inputMode="numeric" dir="ltr" autocomplete="one-time-code" maxLength={9} value={code} aria-invalid={problem !== null} aria-describedby="mail-said" onInput={(event) => setCode(event.currentTarget.value)} />
            <button type="submit" class="quiet strong" aria-disabled={busy}>
              {t('mail.confirm')}
            </button>
          </span>
          <p id="mail-said" class="hint">
            {t('mail.sent-code', { address: address.trim() })}
          </p>
        </form>
      )}
      {state !== 'none' && state !== 'asked' && (
        <div class="made">
          <p class={state === 'failed' || state === 'ended' ? 'problem' : 'hint'} role="status">
            {t(state === 'queued' ? 'mail.queued' : state === 'sent' ? 'mail.sent' : state === 'ended' ? 'mail.ended' : 'mail.failed')}
          </p>
          {state !== 'queued' && (
            <button
              type="button"
              class="quiet"
              onClick={() => {
                setRequest(null);
                setProblem(null);
              }}
            >
              {t('mail.again')}
            </button>
          )}
        </div>
      )}
      {problem !== null && (
        <p class="problem" role="alert">
          {t(problem)}
        </p>
      )}
    </details>
  );
}

const REFUSALS: Record<string, TextKey> = { rate_limited: 'mail.limited', conflict: 'mail.empty', too_large: 'mail.too-long' };
