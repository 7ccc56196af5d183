import { ProblemError, Relay, type Site } from '@tendril/stream';
import type { VNode } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { Gate } from './gate';
import { Mark } from './icons';
import { Kept } from './kept';
import { Session } from './session';
import { t, type Said } from './text';

export interface ChatAppProps {
  /** Origin of the relay. */
  base: string;
  /** The site's slug. */
  site: string;
  onClose?: (() => void) | undefined;
  /** The hosted page shows the title as its own. */
  onTitle?: ((title: string) => void) | undefined;
}

type Phase = { name: 'loading' | 'unknown' | 'away' } | { name: 'gate'; notice: Said | null } | { name: 'chat' };

/** The chat with its markdown is two thirds of the code: fetched while the visitor is at the gate. */
const loadTalk = () => import('./talk');

/** Everything the visitor sees: opening, the gate, the chat. */
export function ChatApp({ base, site: slug, onClose, onTitle }: ChatAppProps): VNode {
  const [site, setSite] = useState<Site | null>(null);
  const [phase, setPhase] = useState<Phase>({ name: 'loading' });
  const [talk, setTalk] = useState<Awaited<ReturnType<typeof loadTalk>> | null>(null);

  const { kept, session, end } = useMemo(() => {
    const store = new Kept(slug);
    const over = () => setPhase({ name: 'gate', notice: { key: 'code.ended' } });
    return { kept: store, session: new Session(base, slug, store, over), end: over };
  }, [base, slug]);

  useEffect(() => {
    let over = false;
    let timer: ReturnType<typeof setTimeout>;
    const relay = new Relay(base);
    const open = async (attempt: number) => {
      try {
        const [found, resumed] = await Promise.all([relay.site(slug), session.resume()]);
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

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const load = () => void loadTalk().then((loaded) => setTalk(loaded), () => (timer = setTimeout(load, 2_000)));
    load();
    return () => clearTimeout(timer);
  }, []);

  if (site === null || phase.name === 'loading' || phase.name === 'unknown' || phase.name === 'away') {
    return <Opening phase={phase.name} />;
  }
  if (phase.name === 'gate') {
    return (
      <Gate
        site={site}
        notice={phase.notice}
        enter={async (code) => {
          await session.enter(code);
          setPhase({ name: 'chat' });
        }}
      />
    );
  }
  if (talk === null) return <Opening phase="loading" />;
  return (
    <talk.TalkView
      base={base}
      site={site}
      session={session}
      kept={kept}
      onClose={onClose}
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
