import { Markdown, type MarkdownLabels } from '@tendril/markdown';
import type { LivePart, Presence, Relay } from '@tendril/stream';
import type { VNode } from 'preact';
import { failureText, over, type Answer, type Question } from './entries';
import { Mark } from './icons';
import type { ChatMarks, Verdict } from './marks';
import type * as Extra from './more';
import { memo } from './memo';
import { say, shortTime, t } from './text';

export const labels = (): MarkdownLabels => ({
  copy: t('md.copy'),
  copied: t('md.copied'),
  image: t('md.image'),
  table: t('md.table'),
  code: t('md.code'),
  colour: async (code, lang) => (await import('./colour')).colour(code, lang),
});

export interface QuestionProps {
  question: Question;
  onAgain(id: string): void;
  /** The last one, with its turn ended: it may be worded anew. */
  onEdit: ((id: string) => void) | null;
  /** With the button for that, and the images, once they are fetched. */
  more: typeof Extra | null;
  relay: Relay;
}

export const QuestionEntry = memo(({ question, onAgain, onEdit, more, relay }: QuestionProps): VNode => {
  const { id, text, files = [], at, delivery, problem } = question;
  return (
    <article class={`question ${delivery}${onEdit ? '' : ' far'}`} part="question" data-id={id}>
      <h2 class="sr">{t('chat.you')}</h2>
      {more && files.length > 0 && <more.Pictures relay={relay} parts={files} />}
      <div class="said">
        {onEdit && more && (
          <button type="button" class="act" title={t('turn.edit')} aria-label={t('turn.edit')} onClick={() => onEdit(id)}>
            <more.EditIcon />
          </button>
        )}
        {text !== '' && <div class="bubble" dir="auto" title={at === undefined ? undefined : shortTime(at)}>
          {text}
        </div>}
      </div>
      {delivery === 'sending' && <p class="delivery late">{t('send.sending')}</p>}
      {delivery === 'unsent' && <p class="delivery">{t('send.waiting')}</p>}
      {delivery === 'failed' && (
        <p class="delivery problem" role="alert">
          <span>{problem ? say(problem) : t('send.failed')}</span>{' '}
          <button type="button" class="link" onClick={() => onAgain(id)}>
            {t('send.again')}
          </button>
        </p>
      )}
    </article>
  );
});

export interface AnswerProps {
  answer: Answer;
  worker: Presence | null;
  /** The last turn: it can be tried again. */
  last: boolean;
  pinned: boolean;
  verdict: Verdict | undefined;
  onRetry(id: string): void;
  /** Where pins and verdicts go, once that is fetched. */
  marks: ChatMarks | null;
  /** What stands below a finished answer, once it is fetched. */
  more: typeof Extra | null;
}

export const AnswerEntry = memo((props: AnswerProps): VNode => {
  const { answer, worker, last, onRetry } = props;
  const { id, phase, parts, metadata, problem } = answer;
  const finished = over(answer);
  const sources = parts.flatMap(({ part }) => (part.type === 'source-url' ? [part] : []));
  const shown = parts.filter(({ part }) => part.type !== 'source-url' && part.type !== 'step-start');
  const failure = phase === 'failed';
  return (
    <article class={`answer ${phase}${last ? '' : ' far'}`} part="answer" data-id={id} aria-busy={!finished} tabIndex={-1}>
      <h2 class="sr">{t('chat.answer')}</h2>
      <div class="gutter">
        <Mark growing={!finished && answer.position === 0 && phase === 'writing'} size={22} />
      </div>
      <div class="body">
        {shown.map((live) => (
          <PartView key={live.key} live={live} finished={finished} more={props.more} />
        ))}
        {!finished && <Progress answer={answer} worker={worker} empty={shown.length === 0} />}
        {phase === 'done' && shown.length === 0 && <p class="aside">{t('turn.empty')}</p>}
        {phase === 'done' && metadata.reason === 'length' && <p class="aside">{t('turn.cut')}</p>}
        {phase === 'stopped' && (
          <p class="aside">
            {t(shown.length === 0 ? 'turn.stopped-empty' : 'turn.stopped')} {last && <Retry id={id} onRetry={onRetry} />}
          </p>
        )}
        {failure && (
          <p class="failure" role="alert">
            <span>{failureText(answer)}</span>{' '}
            {last && metadata.failure?.retryable !== false && <Retry id={id} onRetry={onRetry} />}
          </p>
        )}
        {problem && (
          <p class="failure" role="alert">
            {say(problem)}
          </p>
        )}
        {props.more && sources.length > 0 && <props.more.Sources sources={sources} />}
        {finished && shown.length > 0 && <footer class="foot">{props.more && <props.more.Foot {...props} />}</footer>}
      </div>
    </article>
  );
});

function Retry({ id, onRetry }: { id: string; onRetry(id: string): void }): VNode {
  return (
    <button type="button" class="link retry" onClick={() => onRetry(id)}>
      {t('turn.retry')}
    </button>
  );
}

/** What happens before and between the words. */
function Progress({ answer, worker, empty }: { answer: Answer; worker: Presence | null; empty: boolean }): VNode | null {
  if (answer.phase === 'queued' || answer.position > 0) {
    const offline = worker !== null && !worker.online;
    const line = answer.position > 1 ? t('turn.position', { n: answer.position }) : null;
    if (offline) {
      const since = worker.lastSeenAt === undefined ? t('turn.offline') : t('turn.offline-since', { time: shortTime(worker.lastSeenAt) });
      return (
        <p class="aside queue offline">
          {since} {t('turn.kept')} {line}
        </p>
      );
    }
    if (answer.again) return <p class="aside queue">{t('turn.again')}</p>;
    return <p class="aside queue">{line ?? t(answer.position === 1 ? 'turn.next' : 'turn.behind')}</p>;
  }
  if (answer.again) return <p class="aside">{t('turn.again')}</p>;
  if (!empty) return null;
  const guide = (answer.metadata.modelKind ?? worker?.modelKind) === 'guide';
  return <p class="aside typing">{t(guide ? 'turn.reading' : 'turn.writing')}</p>;
}

function PartView({ live, finished, more }: { live: LivePart; finished: boolean; more: typeof Extra | null }): VNode | null {
  const { part, closed } = live;
  switch (part.type) {
    case 'text':
      return <Markdown text={part.text} finished={closed || finished} labels={labels()} />;
    default:
      return more && <more.OtherPart part={part} finished={finished} />;
  }
}
