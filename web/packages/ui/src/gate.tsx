import type { Site } from '@tendril/stream';
import { AwayError, ProblemError } from '@tendril/stream';
import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Mark } from './icons';
import { useMore } from './lazy';
import { say, t, waitText, type Said } from './text';

export interface GateProps {
  site: Site;
  /** Why the gate is shown again. */
  notice: Said | null;
  /** Signs in; throws what the relay answered. */
  enter(code: string): Promise<void>;
}

/** The door: asks for the access code. Every refusal reads the same. */
export function Gate({ site, notice, enter }: GateProps): VNode {
  const { consent } = site;
  const input = useRef<HTMLInputElement>(null);
  const [code, setCode] = useState('');
  const [agreed, setAgreed] = useState(false);
  const more = useMore(site.consent !== undefined, input);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Said | null>(null);

  useEffect(() => {
    // Where a keyboard would slide over the page, the visitor opens it.
    if (matchMedia('(pointer: fine)').matches) input.current?.focus({ preventScroll: true });
  }, []);

  const refuse = (said: Said) => {
    setProblem(said);
    setBusy(false);
    input.current?.focus();
    input.current?.select();
  };

  const submit = async (event: Event) => {
    event.preventDefault();
    if (busy) return;
    const plain = code.replace(/[\s\u200b\ufeff]+/g, '');
    if (plain === '') {
      refuse({ key: 'code.empty' });
      return;
    }
    if (consent && !agreed) {
      refuse({ key: 'consent.missing' });
      return;
    }
    setBusy(true);
    setProblem(null);
    try {
      await enter(plain);
    } catch (error) {
      refuse(refusal(error));
    }
  };

  return (
    <main class="gate">
      <form onSubmit={submit} noValidate>
        <Mark size={56} />
        <h1>{site.title}</h1>
        {site.greeting !== undefined && <p class="greeting">{site.greeting}</p>}
        {notice !== null && (
          <p class="notice" role="status">
            {say(notice)}
          </p>
        )}
        <label for="code">{t('code.label')}</label>
        <input
          id="code"
          ref={input}
          type="text"
          value={code}
          onInput={(event) => setCode(event.currentTarget.value)}
          autocomplete="off"
          autocapitalize="characters"
          autocorrect="off"
          spellcheck={false}
          enterkeyhint="go"
          maxLength={200}
          dir="ltr"
          aria-invalid={problem !== null}
          aria-describedby={problem === null ? 'code-hint' : 'code-problem'}
        />
        {problem === null ? (
          <p id="code-hint" class="hint">
            {t('code.hint')}
          </p>
        ) : (
          <p id="code-problem" class="problem" role="alert">
            {say(problem)}
          </p>
        )}
        {consent && more && <more.GateConsent text={consent.text} agreed={agreed} onAgree={setAgreed} />}
        <button type="submit" class="primary" aria-disabled={busy}>
          {t(busy ? 'code.busy' : 'code.submit')}
        </button>
        {!site.consent && <p class="hint consent">{t('note.consent')}</p>}
      </form>
    </main>
  );
}

function refusal(error: unknown): Said {
  if (error instanceof ProblemError && error.code === 'rate_limited') {
    return { key: 'code.limited', vars: { wait: waitText(error.retryAfter ?? 60) } };
  }
  if (error instanceof ProblemError && error.code === 'consent_required') return { key: 'consent.missing' };
  if (error instanceof AwayError || (error instanceof ProblemError && error.status >= 500)) return { key: 'code.away' };
  return { key: 'code.refused' };
}
