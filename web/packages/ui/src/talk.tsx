import { Relay, type Credentials, type Site } from '@tendril/stream';
import type { ComponentChildren, Ref, VNode } from 'preact';
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Files } from './attach-tray';
import { Composer } from './composer';
import { Conversation } from './conversation';
import { over, type Answer, type Entry } from './entries';
import { AnswerEntry, QuestionEntry } from './entry';
import { CloseIcon, DownIcon, Mark, MenuIcon, NewIcon } from './icons';
import type { Kept } from './kept';
import { useMore } from './lazy';
import type { ChatMarks, Marked } from './marks';
import { Store, useStore } from './store';
import { shortTime, t } from './text';

export interface TalkProps {
  base: string;
  site: Site;
  session: Credentials;
  kept: Kept;
  /** The session is over. */
  onEnd(): void;
  onLeave(): void;
  /** Given by the widget; the hosted page has nothing to close. */
  onClose?: (() => void) | undefined;
  /** An answer has ended. */
  onAnswer?: (() => void) | undefined;
  onLanguage(tag: string): void;
  /** Takes what sends a message for the page around. */
  bind(send: (text: string) => void): void;
}

/** Until the marks are fetched, with what shows them. */
const UNMARKED = new Store<Marked>({ pinned: null, verdicts: {}, problem: '' });
const NO_FILES: Files = { parts: [], busy: false };

/** The chat itself: header, messages, composer. */
export function TalkView({ base, site, session, kept, onEnd, onLeave, onClose, onAnswer, onLanguage, bind }: TalkProps): VNode {
  const relay = useMemo(() => new Relay(base, session), [base, session]);
  const conversation = useMemo(() => new Conversation(relay, kept, onEnd), [relay, kept, onEnd]);
  useEffect(() => {
    void conversation.begin();
    const back = () => {
      if (document.visibilityState === 'visible') conversation.nudge();
    };
    addEventListener('online', back);
    addEventListener('pageshow', back);
    document.addEventListener('visibilitychange', back);
    return () => {
      removeEventListener('online', back);
      removeEventListener('pageshow', back);
      document.removeEventListener('visibilitychange', back);
      conversation.close();
    };
  }, [conversation]);
  const talk = useStore(conversation.store);
  const worker = talk.worker ?? site.worker;
  const [draft, setDraft] = useState(() => kept.get('draft') ?? '');
  const [editing, setEditing] = useState<string | null>(null);
  const [sound, setSound] = useState(() => kept.get('sound') !== null);
  const [drawer, setDrawer] = useState(false);
  const [files, setFiles] = useState(NO_FILES);
  /** Another number is another, empty tray. */
  const [tray, setTray] = useState({ n: 0, initial: NO_FILES.parts });
  const menu = useRef<HTMLButtonElement>(null);
  const follow = useFollow(talk.entries);
  const more = useMore(true, follow.log);
  const { entries } = talk;
  const current = entries.find((entry): entry is Answer => entry.kind === 'answer' && !over(entry));

  const keep = useCallback((text: string) => {
    setDraft(text);
    kept.set('draft', text === '' ? null : text);
  }, [kept]);
  const clear = useCallback(() => {
    setTray(({ n }) => ({ n: n + 1, initial: [] }));
    setFiles(NO_FILES);
  }, []);
  const again = useCallback((id: string) => conversation.sendAgain(id), [conversation]);
  const retry = useCallback((id: string) => {
    follow.toEnd();
    void conversation.retry(id);
  }, [conversation, follow.toEnd]);
  const edit = useCallback((id: string) => {
    const question = conversation.store.state.entries.find((entry) => entry.id === id);
    if (question?.kind !== 'question') return;
    setEditing(id);
    setDraft(question.text);
    setTray(({ n }) => ({ n: n + 1, initial: question.files ?? [] }));
    (follow.log.current?.closest('.talk')?.querySelector('.composer textarea') as HTMLElement | null)?.focus();
  }, [conversation, follow.log]);
  const send = useCallback((text: string) => {
    follow.toEnd();
    conversation.send(text, editing ?? undefined, files.parts);
    setEditing(null);
    clear();
    keep('');
  }, [conversation, follow.toEnd, keep, editing, files, clear]);
  const closeDrawer = useCallback(() => {
    setDrawer(false);
    menu.current?.focus();
  }, []);

  useEffect(() => void bind(send), [bind, send]);
  const { ended, chat: open } = talk;
  useEffect(() => {
    if (ended === 0) return;
    onAnswer?.();
    if (sound) more?.chime();
    // Only when one more has ended.
  }, [ended]);
  const marks = useMemo<ChatMarks | null>(() => (more && open !== null ? new more.ChatMarks(relay, open) : null), [more, relay, open]);
  useEffect(() => void marks?.load(), [marks]);
  const { pinned, verdicts, problem } = useStore(marks?.store ?? UNMARKED);

  const lastQuestion = entries.findLastIndex((entry) => entry.kind === 'question');
  const pinnedEntry = pinned === null ? null : entries.find((entry) => entry.id === pinned);

  return (
    <div class="talk">
      <header class="top" part="header">
        <Mark size={28} />
        <div class="title">
          <h1>{site.title}</h1>
          <p class={worker.online ? 'presence on' : 'presence'}>
            {worker.online
              ? t('worker.online')
              : worker.lastSeenAt === undefined
                ? t('worker.offline')
                : t('worker.offline-since', { time: shortTime(worker.lastSeenAt) })}
          </p>
        </div>
        <nav>
          <HeadButton
            label={t('chat.new')}
            onClick={() => {
              setEditing(null);
              conversation.fresh();
            }} disabled={entries.length === 0}
          >
            <NewIcon />
          </HeadButton>
          <HeadButton label={t('chat.menu')} onClick={() => setDrawer(true)} expanded={drawer} button={menu} bare>
            <MenuIcon />
          </HeadButton>
          {onClose && (
            <HeadButton label={t('chat.close')} onClick={onClose} bare>
              <CloseIcon />
            </HeadButton>
          )}
        </nav>
      </header>

      {pinnedEntry && more && <more.Pinned entry={pinnedEntry} onShow={follow.show} />}
      <div class="log" part="log" role="log" aria-live="off" aria-label={t('chat.log')} tabIndex={0} ref={follow.log} onScroll={follow.onScroll}>
        <div class="column" ref={follow.column}>
          {talk.earlier !== null && more && (
            <button type="button" class="link earlier" onClick={() => follow.holding(() => more.loadEarlier(relay, conversation.ledger))}>
              {t('chat.earlier')}
            </button>
          )}
          {talk.loading && entries.length === 0 && <p class="aside center">{t('chat.loading')}</p>}
          {!talk.loading && entries.length === 0 && <Empty site={site} />}
          {entries.map((entry, at) =>
            entry.kind === 'question' ? (
              <QuestionEntry
                key={entry.id}
                question={entry}
                onAgain={again}
                more={more}
                relay={relay}
                onEdit={at === lastQuestion && current === undefined && entry.delivery === 'sent' ? edit : null}
              />
            ) : (
              <AnswerEntry
                key={entry.id}
                answer={entry}
                worker={over(entry) ? null : worker}
                last={at === entries.length - 1}
                pinned={entry.id === pinned}
                verdict={verdicts[entry.id]}
                onRetry={retry}
                marks={marks}
                more={more}
              />
            ),
          )}
        </div>
      </div>

      <div class="bottom">
        {follow.away && (
          <button type="button" class="latest" onClick={follow.toEnd}>
            <DownIcon />
            {t(follow.unseen ? 'chat.new-below' : 'chat.latest')}
          </button>
        )}
        {talk.away !== null && (
          <p class="banner" role="status">
            <span>{t('away.lost')}</span>{' '}
            <button type="button" class="link" onClick={() => conversation.nudge()}>
              {t('away.now')}
            </button>
          </p>
        )}
        {editing !== null && (
          <p class="banner editing" role="status">
            <span>{t('turn.editing')}</span>{' '}
            <button
              type="button"
              class="link"
              onClick={() => {
                setEditing(null);
                keep('');
                clear();
              }}
            >
              {t('turn.cancel')}
            </button>
          </p>
        )}
        <Composer
          limit={site.messageChars}
          draft={draft}
          onDraft={editing === null ? keep : setDraft}
          onSend={send}
          answering={current !== undefined}
          stopping={talk.stopping}
          onStop={() => void conversation.stop()}
          files={files.busy ? null : files.parts.length}
        >
          {more && <more.Attach key={tray.n} base={base} relay={relay} session={session} initial={tray.initial} onChange={setFiles} />}
        </Composer>
        <p class="fine">
          {worker.modelKind === 'guide'
            ? t('note.guide')
            : worker.model !== undefined && t('note.llm', { model: worker.model })}
        </p>
      </div>
      <div class="sr" role="status" data-announce>
        {(problem || talk.status) !== '' && (problem || talk.status)}
      </div>
      {talk.consent !== null && more && (
        <more.Consent relay={relay} site={site.site} message={talk.consent} onAgreed={again} />
      )}
      {drawer && more && (
        <more.Drawer
          relay={relay}
          base={base}
          limit={site.messageChars}
          chat={talk.chat}
          files={entries.some((entry) => entry.kind === 'question' && entry.files?.[0])}
          mail={site.mail === true}
          sound={sound}
          onSound={(on) => {
            setSound(on);
            kept.set('sound', on ? '1' : null);
            if (on) more.chime();
          }}
          onLanguage={onLanguage}
          onChange={(chat) => {
            closeDrawer();
            setEditing(null);
            if (chat !== talk.chat) void conversation.change(chat);
          }}
          onDeleted={(chat) => {
            if (chat === conversation.store.state.chat) conversation.fresh();
          }}
          onLeave={onLeave}
          onClose={closeDrawer}
        />
      )}
    </div>
  );
}

function Empty({ site }: { site: Site }): VNode {
  return (
    <div class="empty">
      <Mark size={56} />
      <p class="greeting" dir="auto">
        {site.greeting ?? t('chat.empty')}
      </p>
    </div>
  );
}

interface HeadButtonProps {
  label: string;
  onClick(): void;
  disabled?: boolean;
  bare?: boolean;
  /** Of a button that opens something. */
  expanded?: boolean;
  button?: Ref<HTMLButtonElement>;
  children: ComponentChildren;
}

function HeadButton({ label, onClick, disabled = false, bare = false, expanded, button = null, children }: HeadButtonProps): VNode {
  return (
    <button type="button" class="head" ref={button} onClick={onClick} disabled={disabled} title={label} aria-label={label} aria-expanded={expanded}>
      {children}
      {!bare && <span class="wide">{label}</span>}
    </button>
  );
}

/** Within this distance of the end the reader is at the end. Pixels. */
const NEAR = 48;

/**
 * Follows the end of the log while the reader is there, and only then: whoever has scrolled up is
 * reading, and is told that there is more below.
 */
function useFollow(entries: Entry[]) {
  const log = useRef<HTMLDivElement>(null);
  const column = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const [away, setAway] = useState(false);
  const [unseen, setUnseen] = useState(false);

  const toEnd = useCallback(() => {
    atEnd.current = true;
    setAway(false);
    setUnseen(false);
    log.current?.scrollTo({ top: log.current.scrollHeight });
  }, []);

  const onScroll = useCallback(() => {
    const box = log.current;
    if (!box) return;
    atEnd.current = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR;
    setAway(!atEnd.current);
    if (atEnd.current) setUnseen(false);
  }, []);

  useLayoutEffect(() => {
    if (atEnd.current) log.current?.scrollTo({ top: log.current.scrollHeight });
    else setUnseen(true);
  }, [entries]);

  useEffect(() => {
    // Sizes change without us: a font, the window, the keyboard of a phone.
    const watch = new ResizeObserver(() => {
      if (atEnd.current) log.current?.scrollTo({ top: log.current.scrollHeight });
    });
    if (log.current) watch.observe(log.current);
    if (column.current) watch.observe(column.current);
    return () => watch.disconnect();
  }, []);

  /** Runs what adds entries before the first, and keeps the first in its place. */
  const holding = useCallback(async (add: () => Promise<void>) => {
    const box = log.current;
    const before = box ? box.scrollHeight - box.scrollTop : 0;
    await add();
    requestAnimationFrame(() => box?.scrollTo({ top: box.scrollHeight - before }));
  }, []);

  /** Goes to one entry. */
  const show = useCallback((id: string) => {
    const entry = log.current?.querySelector<HTMLElement>(`[data-id="${CSS.escape(id)}"]`);
    atEnd.current = false;
    entry?.scrollIntoView({ block: 'start' });
    entry?.focus({ preventScroll: true });
  }, []);

  return { log, column, away, unseen, toEnd, onScroll, holding, show };
}
