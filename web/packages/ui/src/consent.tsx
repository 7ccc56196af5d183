import { ProblemError, type Relay, type Site } from '@tendril/stream';
import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { agree } from './more-calls';
import { t } from './text';

export interface ConsentProps {
  relay: Relay;
  /** The site's slug. */
  site: string;
  /** The message that waits. */
  message: string;
  onAgreed(message: string): void;
}

/** Asks a visitor who is in the chat already for a text that has changed, then lets the message go. */
export function Consent({ relay, site, message, onAgreed }: ConsentProps): VNode {
  const [asked, setAsked] = useState<Site['consent'] | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(false);
  const box = useRef<HTMLElement>(null);
  const load = async () => {
    try {
      const { consent } = await relay.site(site);
      if (consent === undefined) onAgreed(message);
      else setAsked(consent);
    } catch {
      setProblem(true);
    }
  };
  useEffect(() => {
    box.current?.focus({ preventScroll: true });
    void load();
    // Once.
  }, []);
  const submit = async () => {
    if (busy) return;
    setBusy(true);
    setProblem(false);
    try {
      if (asked) {
        await agree(relay, asked.version);
        onAgreed(message);
      } else await load();
    } catch (error) {
      setProblem(true);
      // It changed once more while it was read.
      if (error instanceof ProblemError && error.code === 'consent_required') await load();
    }
    setBusy(false);
  };
  return (
    <div class="veil">
      <section class="asks" role="alertdialog" aria-modal="true" aria-labelledby="consent-title" aria-describedby="consent-text" tabIndex={-1} ref={box}>
        <h2 id="consent-title">{t('consent.changed')}</h2>
        <p id="consent-text" class="consent-text" dir="auto" tabIndex={0}>
          {asked?.text ?? t('chat.loading')}
        </p>
        {problem && (
          <p class="problem" role="alert">
            {t('chat.failed')}
          </p>
        )}
        <button type="button" class="primary" aria-disabled={busy} onClick={() => void submit()}>
          {t('consent.agree-send')}
        </button>
      </section>
    </div>
  );
}

export interface GateConsentProps {
  text: string;
  agreed: boolean;
  onAgree(agreed: boolean): void;
}

/** What the site asks for, at the door. */
export function GateConsent({ text, agreed, onAgree }: GateConsentProps): VNode {
  return (
    <>
      <p class="consent-text" dir="auto" tabIndex={0}>
        {text}
      </p>
      <label class="agree">
        <input type="checkbox" checked={agreed} onChange={(event) => onAgree(event.currentTarget.checked)} />
        {t('consent.agree')}
      </label>
    </>
  );
}
