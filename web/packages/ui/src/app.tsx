import { ProblemError, Relay, type Site } from '@tendril/stream';
import type { VNode } from 'preact';
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { Gate } from './gate';
import { Mark } from './icons';
import { Kept } from './kept';
import { Session } from './session';
import { TalkView } from './talk';
import { speak, spoken, t, type Said } from './text';

export interface ChatAppProps {
  /** Origin of the relay. */
  base: string;
  /** The site's slug. */
  site: string;
  onClose?: (() => void) | undefined;
  /** The hosted page shows the title as its own. */
  onTitle?: ((title: string) => void) | undefined;
  /** An answer has ended. */
  onAnswer?: (() => void) | undefined;
  /** What is spoken now, and how it is written. */
  onLanguage?: ((lang: string, dir: string) => void) | undefined;
  /** Language tag; else what the browser wants. */
  lang?: string | undefined;
  /** Takes what sends a message for the page around; before the visitor is in, it fills the draft. */
  bind?: ((send: (text: string) => void) => void) | undefined;
}

type Phase = { name: 'loading' | 'unknown' | 'away' } | { name: 'gate'; notice: Said | null } | { name: 'chat' };

/** Everything the visitor sees: opening, the gate, the chat. */
export function ChatApp(props: ChatAppProps): VNode {
  const { base, site: slug, lang, onLanguage: tell } = props;
  const kept = useMemo(() => new Kept(slug), [slug]);
  const over = useRef(() => {});
  const session = useMemo(() => new Session(base, slug, kept, () => over.current()), [base, slug, kept]);
  const [tongue, setTongue] = useState<string | null>(null);
  const change = useCallback(async (...wanted: (string | null | undefined)[]) => {
    await speak(wanted.filter((tag) => typeof tag === 'string'));
    const { lang: now, dir } = spoken();
    setTongue(now);
    tell?.(now, dir);
  }, [tell]);
  useEffect(() => void change(kept.get('lang'), lang, ...navigator.languages), [change, kept, lang]);
  const onLanguage = useCallback((tag: string) => {
    kept.set('lang', tag);
    void change(tag);
  }, [change, kept]);
  // Another language is another page: nothing of the old one may stay.
  return (
    <div class="root" key={tongue} lang={spoken().lang} dir={spoken().dir}>
      {tongue !== null && <Phases {...props} kept={kept} session={session} over={over} onLanguage={onLanguage} />}
    </div>
  );
}

interface PhasesProps extends Omit<ChatAppProps, 'onLanguage'> {
  kept: Kept;
  session: Session;
  /** Called when the session ends by itself. */
  over: { current: () => void };
  onLanguage(tag: string): void;
}

function Phases({ base, site: slug, kept, session, over: ended, onClose, onTitle, onAnswer, onLanguage, bind }: PhasesProps): VNode {
  const [site, setSite] = useState<Site | null>(null);
  const [phase, setPhase] = useState<Phase>({ name: 'loading' });

  const end = useCallback(() => setPhase({ name: 'gate', notice: { key: 'code.ended' } }), []);
  ended.current = end;
  const offer = useCallback((send: (text: string) => void) => bind?.(send), [bind]);
  useEffect(() => void offer((text) => kept.set('draft', text)), [offer, kept]);

  useEffect(() => {
    let over = false;
    let timer: ReturnType<typeof setTimeout>;
    const relay = new Relay(base);
    const open = async (attempt: number) => {
      try {
        const [found, resumed] = await Promise.all([relay.site(slug), session.open ? 'own' : session.resume()]);
        if (resumed === 'shared') {
          // A second tab opens the chat that the first one is in.
          const { chats } = await new Relay(base, session).chats();
          kept.set('chat', chats[0]?.id ?? null);
        }
        if (over) return;
        setSite(found);
        onTitle?.(found.title);
        setPhase(session.open ? { name: 'chat' } : { name: 'gate', notice: null });
      } catch (error) {
        if (over) return;
        if (error instanceof ProblemError && error.status === 404) {
          setPhase({ name: 'unknown' });
          return;
        }
        setPhase({ name: 'away' });
        timer = setTimeout(() => void open(attempt + 1), Math.min(10_000, 1_000 * 2 ** attempt));
      }
    };
    void open(0);
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [base, slug, session, kept, onTitle]);

  if (site === null || phase.name === 'loading' || phase.name === 'unknown' || phase.name === 'away') {
    return <Opening phase={phase.name} />;
  }
  if (phase.name === 'gate') {
    return (
      <Gate
        site={site}
        notice={phase.notice}
        enter={async (code) => {
          try {
            await session.enter(code, site.consent?.version);
          } catch (error) {
            // The text changed while it was read.
            if (error instanceof ProblemError && error.code === 'consent_required') setSite(await new Relay(base).site(slug));
            throw error;
          }
          setPhase({ name: 'chat' });
        }}
      />
    );
  }
  return (
    <TalkView
      base={base}
      site={site}
      session={session}
      kept={kept}
      onClose={onClose}
      onAnswer={onAnswer}
      onLanguage={onLanguage}
      bind={offer}
      onEnd={end}
      onLeave={() => {
        kept.set('draft', null);
        void session.end();
        setPhase({ name: 'gate', notice: { key: 'code.signed-out' } });
      }}
    />
  );
}

function Opening({ phase }: { phase: Phase['name'] }): VNode {
  const gone = phase === 'unknown';
  return (
    <main class="gate opening">
      <Mark size={56} growing={!gone} />
      <p role="status">{t(gone ? 'site.unknown' : phase === 'away' ? 'site.away' : 'site.loading')}</p>
      {phase !== 'loading' && <p class="hint">{t(gone ? 'site.unknown-hint' : 'site.away-hint')}</p>}
    </main>
  );
}
