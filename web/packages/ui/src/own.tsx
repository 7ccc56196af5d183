import { ProblemError, type Relay } from '@tendril/stream';
import { Markdown, plainText } from '@tendril/markdown';
import type { VNode } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Composer } from './composer';
import { labels } from './entry';
import { CloseIcon } from './icons';
import { complete, endpoints, models, type OwnModel, type Said } from './own-model';
import sheet from './own.css?inline';
import { t } from './text';

export interface OwnProps {
  relay: Relay;
  /** Longest message, in Unicode code points. */
  limit: number;
}

/** Roots that have the style sheet. */
const dressed = new WeakSet<ShadowRoot>();

/** Offers a chat with a model of the visitor's own, where the site allows any. */
export function OwnDoor({ relay, limit }: OwnProps): VNode | null {
  const [found, setFound] = useState<string[]>([]);
  const [open, setOpen] = useState(false);
  const place = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    endpoints(relay).then(setFound, () => {});
  }, [relay]);
  useEffect(() => {
    const root = place.current?.getRootNode();
    if (!(root instanceof ShadowRoot) || dressed.has(root)) return;
    dressed.add(root);
    const style = new CSSStyleSheet();
    style.replaceSync(sheet);
    root.adoptedStyleSheets.push(style);
  }, [found]);
  if (found.length === 0) return null;
  return (
    <p class="row" ref={place}>
      <button type="button" class="quiet" onClick={() => setOpen(true)}>
        {t('own.open')}
      </button>
      {open && <OwnChat relay={relay} limit={limit} found={found} onClose={() => setOpen(false)} />}
    </p>
  );
}

interface Turn extends Said {
  /** Why it is not whole. */
  problem?: string;
}

/** The chat itself: everything in it is gone when it closes. */
function OwnChat({ relay, limit, found, onClose }: OwnProps & { found: string[]; onClose(): void }): VNode {
  const box = useRef<HTMLDialogElement>(null);
  const end = useRef<HTMLDivElement>(null);
  const [own, setOwn] = useState<OwnModel | null>(null);
  const [turns, setTurns] = useState<Turn[]>([]);
  const [draft, setDraft] = useState('');
  const [running, setRunning] = useState<AbortController | null>(null);
  const now = useRef(running);
  now.current = running;
  useLayoutEffect(() => {
    const dialog = box.current;
    if (!dialog) return;
    const leave = (event: Event) => {
      event.preventDefault();
      onClose();
    };
    const press = (event: KeyboardEvent) => {
      // Neither the menu behind nor the window of the embed.
      event.stopPropagation();
      if (event.key === 'Escape') leave(event);
    };
    dialog.addEventListener('cancel', leave);
    dialog.addEventListener('keydown', press);
    dialog.showModal();
    return () => {
      now.current?.abort();
      dialog.removeEventListener('cancel', leave);
      dialog.removeEventListener('keydown', press);
      dialog.close();
    };
    // Once: it opens and closes with the component.
  }, []);
  useLayoutEffect(() => end.current?.scrollIntoView({ block: 'end' }), [turns]);

  const send = async (text: string) => {
    if (own === null || running !== null) return;
    setDraft('');
    const asked: Turn[] = [...turns.filter(({ problem, content }) => problem === undefined || content !== ''), { role: 'user', content: text }];
    let words = '';
    const show = (problem?: string) => setTurns([...asked, { role: 'assistant', content: words, ...(problem === undefined ? {} : { problem }) }]);
    show();
    const over = new AbortController();
    setRunning(over);
    try {
      await complete(relay, own, asked.map(({ role, content }) => ({ role, content })), over.signal, (more) => {
        words += more;
        show();
      });
    } catch (error) {
      show(over.signal.aborted ? t('turn.stopped') : refusal(error));
    }
    setRunning(null);
  };

  const last = turns.at(-1);
  return (
    <dialog ref={box} class="own" aria-label={t('own.title')}>
      <header class="top">
        <h2>{own === null ? t('own.title') : own.model}</h2>
        <button type="button" class="head" title={t('own.close')} aria-label={t('own.close')} onClick={onClose}>
          <CloseIcon />
        </button>
      </header>
      {own === null ? (
        <Settings relay={relay} found={found} onDone={setOwn} />
      ) : (
        <>
          <div class="column log" role="log" aria-live="off" tabIndex={0}>
            <p class="hint">{t('own.note', { host: new URL(own.endpoint).host })}</p>
            {turns.map((turn, at) => (
              <article key={at} class={turn.role === 'user' ? 'question sent' : 'answer done'}>
                <h3 class="sr">{t(turn.role === 'user' ? 'chat.you' : 'chat.answer')}</h3>
                {turn.role === 'user' ? (
                  <div class="said">
                    <div class="bubble" dir="auto">
                      {turn.content}
                    </div>
                  </div>
                ) : (
                  <div class="body">
                    <Markdown text={turn.content} finished={running === null || at < turns.length - 1} labels={labels()} />
                    {turn.content === '' && turn.problem === undefined && <p class="aside typing">{t('turn.writing')}</p>}
                    {turn.problem !== undefined && (
                      <p class="failure" role="alert">
                        {turn.problem}
                      </p>
                    )}
                  </div>
                )}
              </article>
            ))}
            <div ref={end} />
          </div>
          <div class="sr" role="status">
            {running === null && last?.problem === undefined && last?.role === 'assistant' && t('say.answered', { n: turns.length / 2, text: plainText(last.content).slice(0, 300) })}
          </div>
          <div class="bottom">
            <Composer
              limit={limit}
              draft={draft}
              onDraft={setDraft}
              onSend={(text) => void send(text)}
              answering={running !== null}
              stopping={false}
              onStop={() => running?.abort()}
              files={running === null ? 0 : null}
            >
              {null}
            </Composer>
          </div>
        </>
      )}
    </dialog>
  );
}

/** Endpoint, key and model. */
function Settings({ relay, found, onDone }: { relay: Relay; found: string[]; onDone(own: OwnModel): void }): VNode {
  const [endpoint, setEndpoint] = useState(found[0] ?? '');
  const [key, setKey] = useState('');
  const [names, setNames] = useState<string[] | null>(null);
  const [model, setModel] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const look = async () => {
    setBusy(true);
    setProblem(null);
    try {
      const listed = await models(relay, { endpoint, key: key.trim() });
      setNames(listed);
      setModel(listed[0] ?? '');
    } catch (error) {
      setProblem(refusal(error));
    }
    setBusy(false);
  };
  return (
    <form
      class="column settings"
      onSubmit={(event) => {
        event.preventDefault();
        if (names === null) void look();
        else if (model.trim() !== '') onDone({ endpoint, key: key.trim(), model: model.trim() });
      }}
    >
      <p class="hint">{t('own.hint')}</p>
      <label>
        {t('own.endpoint')}
        <select
          value={endpoint}
          onChange={(event) => {
            setEndpoint(event.currentTarget.value);
            setNames(null);
          }}
        >
          {found.map((one) => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
        </select>
      </label>
      <label>
        {t('own.key')}
        <input type="password" autocomplete="off" spellcheck={false} dir="ltr" value={key} onInput={(event) => setKey(event.currentTarget.value)} />
      </label>
      {names !== null && (
        <label>
          {t('own.model')}
          {names.length > 0 ? (
            <select value={model} onChange={(event) => setModel(event.currentTarget.value)}>
              {names.map((name) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
          ) : (
            <input type="text" autocomplete="off" dir="ltr" value={model} onInput={(event) => setModel(event.currentTarget.value)} />
          )}
        </label>
      )}
      {problem !== null && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      <button type="submit" class="primary" aria-disabled={busy}>
        {t(names === null ? 'own.look' : 'own.begin')}
      </button>
    </form>
  );
}

/** The relay's own sentences are English; the rest is in the visitor's language. */
function refusal(error: unknown): string {
  if (!(error instanceof ProblemError)) return t('own.cut');
  if (error.code === 'rate_limited') return t('own.limited');
  return error.detail ?? t('own.cut');
}
