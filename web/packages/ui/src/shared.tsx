import { Markdown } from '@tendril/markdown';
import { ProblemError, Relay, type ChatMessage, type Part } from '@tendril/stream';
import { render, type VNode } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { Pictures, type Caller } from './attach-view';
import images from './attach.css?inline';
import { labels } from './entry';
import { Mark } from './icons';
import { shared, sharedImages, type SharedChat } from './more-calls';
import { Sources } from './more-parts';
import rich from './rich.css?inline';
import { css } from './css';
import english from './strings/en-more.json';
import sheet from './shared.css?inline';
import { learn, shortTime, speak, spoken, t } from './text';

export interface SharedProps {
  /** Origin of the relay. */
  base: string;
  /** What stands behind `/s/`. */
  token: string;
  /** Language tag; else what the browser wants. */
  lang?: string | undefined;
  onTitle(title: string): void;
  /** What is spoken, and how it is written. */
  onLanguage(lang: string, dir: string): void;
}

type Phase = { name: 'loading' | 'gone' | 'away' } | { name: 'chat'; chat: SharedChat };

/** Shows the chat that the token opens, or says that it opens none. */
export function showShared(host: HTMLElement, props: SharedProps): void {
  learn(english);
  const root = host.attachShadow({ mode: 'open' });
  root.adoptedStyleSheets = [css, rich, images, sheet].map((text) => {
    const one = new CSSStyleSheet();
    one.replaceSync(text);
    return one;
  });
  render(<Page {...props} />, root);
}

function Page({ base, token, lang, onTitle, onLanguage }: SharedProps): VNode | null {
  const [ready, setReady] = useState(false);
  const [phase, setPhase] = useState<Phase>({ name: 'loading' });

  useEffect(() => {
    let over = false;
    let timer: ReturnType<typeof setTimeout>;
    const open = async (attempt: number) => {
      try {
        const chat = await shared(new Relay(base), token);
        if (over) return;
        onTitle(chat.site);
        setPhase({ name: 'chat', chat });
      } catch (error) {
        if (over) return;
        // Whoever tries too often, or finds nobody at home, waits; the page goes on by itself.
        const gone = error instanceof ProblemError && !error.passing;
        setPhase({ name: gone ? 'gone' : 'away' });
        const asked = error instanceof ProblemError ? (error.retryAfter ?? 0) * 1_000 : 0;
        if (!gone) timer = setTimeout(() => void open(attempt + 1), Math.max(asked, Math.min(10_000, 1_000 * 2 ** attempt)));
      }
    };
    const begin = async () => {
      await speak([...(lang === undefined ? [] : [lang]), ...navigator.languages]);
      const { lang: now, dir } = spoken();
      onLanguage(now, dir);
      setReady(true);
      await open(0);
    };
    void begin();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [base, token, lang, onTitle, onLanguage]);

  const relay = useMemo(() => sharedImages(base, token), [base, token]);
  if (!ready) return null;
  return (
    <div class="root" lang={spoken().lang} dir={spoken().dir}>
      {phase.name === 'chat' ? <Copy chat={phase.chat} relay={relay} /> : <Opening phase={phase.name} />}
    </div>
  );
}

function Opening({ phase }: { phase: 'loading' | 'gone' | 'away' }): VNode {
  const gone = phase === 'gone';
  return (
    <main class="gate opening">
      <Mark size={56} growing={!gone} />
      <p role="status">{t(gone ? 'share.gone' : phase === 'away' ? 'site.away' : 'site.loading')}</p>
      {phase !== 'loading' && <p class="hint">{t(gone ? 'share.gone-hint' : 'site.away-hint')}</p>}
    </main>
  );
}

/** The chat as it was. */
function Copy({ chat, relay }: { chat: SharedChat; relay: Caller }): VNode {
  return (
    <div class="shared">
      <header class="top">
        <Mark size={28} />
        <div class="title">
          <h1>{chat.site}</h1>
          <p class="hint">
            <time dateTime={chat.sharedAt}>{t('share.by', { time: shortTime(chat.sharedAt) })}</time>
          </p>
        </div>
        <button type="button" class="head" onClick={() => print()}>
          {t('menu.print')}
        </button>
      </header>
      <main class="column">
        {chat.messages.map((message) => (message.role === 'user' ? <Asked key={message.id} message={message} relay={relay} /> : <Answered key={message.id} message={message} />))}
      </main>
      <footer class="column end">
        <p class="hint">
          {t('share.frozen')} {t('share.ends', { time: shortTime(chat.expiresAt) })}
        </p>
      </footer>
    </div>
  );
}

function Asked({ message, relay }: { message: ChatMessage; relay: Caller }): VNode {
  const files = message.parts.filter((part) => part.type === 'file');
  const words = textOf(message);
  return (
    <article class="question sent">
      <h2 class="sr">{t('share.asked')}</h2>
      {files.length > 0 && <Pictures relay={relay} parts={files} />}
      {words !== '' && (
        <div class="said">
          <div class="bubble" dir="auto">
            {words}
          </div>
        </div>
      )}
    </article>
  );
}

function Answered({ message }: { message: ChatMessage }): VNode {
  const words = textOf(message);
  const sources = message.parts.filter((part): part is Extract<Part, { type: 'source-url' }> => part.type === 'source-url');
  const { state, createdAt, model, failure } = message.metadata ?? {};
  return (
    <article class="answer done">
      <h2 class="sr">{t('chat.answer')}</h2>
      <div class="gutter">
        <Mark size={22} />
      </div>
      <div class="body">
        {words !== '' && <Markdown text={words} finished labels={labels()} />}
        {words === '' && state === undefined && <p class="aside">{t('turn.empty')}</p>}
        {state === 'stopped' && <p class="aside">{t('share.stopped')}</p>}
        {state === 'failed' && <p class="failure">{failure?.text ?? t('turn.failed')}</p>}
        {sources.length > 0 && <Sources sources={sources} />}
        <p class="foot">
          {createdAt !== undefined && <time dateTime={createdAt}>{shortTime(createdAt)}</time>}
          {model !== undefined && <span>{model}</span>}
        </p>
      </div>
    </article>
  );
}

function textOf(message: ChatMessage): string {
  return message.parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
}
