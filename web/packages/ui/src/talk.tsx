import { Relay, type Credentials, type Site } from '@tendril/stream';
import type { ComponentChildren, VNode } from 'preact';
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { Composer } from './composer';
import { Conversation, over, type Answer, type Entry } from './conversation';
import { AnswerEntry, QuestionEntry } from './entry';
import { CloseIcon, DownIcon, LeaveIcon, Mark, NewIcon } from './icons';
import type { Kept } from './kept';
import { useStore } from './store';
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
}

/** The chat itself: header, messages, composer. */
export function TalkView({ base, site, session, kept, onEnd, onLeave, onClose }: TalkProps): VNode {
  const conversation = useMemo(() => new Conversation(new Relay(base, session), kept, onEnd), [base, session, kept, onEnd]);
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
  const follow = useFollow(talk.entries);
  const { entries } = talk;
  const current = entries.find((entry): entry is Answer => entry.kind === 'answer' && !over(entry));

  const keep = useCallback((text: string) => {
    setDraft(text);
    kept.set('draft', text === '' ? null : text);
  }, [kept]);
  const again = useCallback((id: string) => conversation.sendAgain(id), [conversation]);
  const retry = useCallback((id: string) => {
    follow.toEnd();
    void conversation.retry(id);
  }, [conversation, follow.toEnd]);

  return (
    <div class="talk">
      <header class="top">
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
          <HeadButton label={t('chat.new')} onClick={() => conversation.fresh()} disabled={entries.length === 0}>
            <NewIcon />
          </HeadButton>
          <HeadButton label={t('chat.leave')} onClick={onLeave}>
            <LeaveIcon />
          </HeadButton>
          {onClose && (
            <HeadButton label={t('chat.close')} onClick={onClose} bare>
              <CloseIcon />
            </HeadButton>
          )}
        </nav>
      </header>

      <div class="log" role="log" aria-live="off" aria-label={t('chat.log')} tabIndex={0} ref={follow.log} onScroll={follow.onScroll}>
        <div class="column" ref={follow.column}>
          {talk.earlier !== null && (
            <button type="button" class="link earlier" onClick={() => follow.holding(() => conversation.loadEarlier())}>
              {t('chat.earlier')}
            </button>
          )}
          {talk.loading && entries.length === 0 && <p class="aside center">{t('chat.loading')}</p>}
          {!talk.loading && entries.length === 0 && <Empty site={site} />}
          {entries.map((entry, at) =>
            entry.kind === 'question' ? (
              <QuestionEntry key={entry.id} question={entry} onAgain={again} />
            ) : (
              <AnswerEntry key={entry.id} answer={entry} worker={over(entry) ? null : worker} last={at === entries.length - 1} onRetry={retry} />
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
        <Composer
          limit={site.messageChars}
          draft={draft}
          onDraft={keep}
          onSend={(text) => {
            keep('');
            follow.toEnd();
            conversation.send(text);
          }}
          answering={current !== undefined}
          stopping={talk.stopping}
          onStop={() => void conversation.stop()}
        />
        <p class="fine">
          {worker.modelKind === 'guide'
            ? t('note.guide')
            : worker.model !== undefined && t('note.llm', { model: worker.model })}
        </p>
      </div>
      <div class="sr" role="status" data-announce>
        {talk.status !== '' && talk.status}
      </div>
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
  children: ComponentChildren;
}

function HeadButton({ label, onClick, disabled = false, bare = false, children }: HeadButtonProps): VNode {
  return (
    <button type="button" class="head" onClick={onClick} disabled={disabled} title={label} aria-label={label}>
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

  return { log, column, away, unseen, toEnd, onScroll, holding };
}
