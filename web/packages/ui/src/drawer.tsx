import type { Chat, Relay } from '@tendril/stream';
import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { CloseIcon } from './icons';
import { deleteChat, transcript } from './more-calls';
import { DeleteIcon, LeaveIcon } from './more-icons';
import { EmailForm } from './email';
import { OwnDoor } from './own';
import { ShareForm } from './share';
import { LANGUAGES, shortTime, spoken, t } from './text';

export interface DrawerProps {
  relay: Relay;
  /** Origin of the relay. */
  base: string;
  /** Longest message, in Unicode code points. */
  limit: number;
  /** The chat that is open. */
  chat: string | null;
  /** Whether there are files in it. */
  files: boolean;
  /** Whether the site sends e-mail. */
  mail: boolean;
  sound: boolean;
  onSound(on: boolean): void;
  onLanguage(tag: string): void;
  onChange(chat: string): void;
  /** The chat was deleted. */
  onDeleted(chat: string): void;
  onLeave(): void;
  onClose(): void;
}

/** The visitor's chats, what can be done with this one, and settings. */
export function Drawer(props: DrawerProps): VNode {
  const { relay, chat, onClose } = props;
  const [chats, setChats] = useState<Chat[] | null>(null);
  const [asked, setAsked] = useState<string | null>(null);
  const [problem, setProblem] = useState(false);
  const box = useRef<HTMLElement>(null);

  useEffect(() => {
    relay.chats().then(
      (found) => setChats(found.chats.filter(({ id, title }) => title !== undefined || id === chat)),
      () => setProblem(true),
    );
  }, [relay, chat]);

  useEffect(() => {
    // What had the focus is gone: the row changed under it.
    const next = asked === null ? box.current : box.current?.querySelector<HTMLElement>('.sure .danger + button');
    next?.focus({ preventScroll: true });
  }, [asked]);

  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.key === 'Escape') {
        event.stopPropagation();
        // Else a modal dialog around would close too.
        event.preventDefault();
        onClose();
      } else if (event.key === 'Tab' && box.current) turn(event, box.current);
    };
    const section = box.current;
    section?.addEventListener('keydown', listen);
    return () => section?.removeEventListener('keydown', listen);
  }, [onClose]);

  const tried = (work: Promise<void>) => {
    setProblem(false);
    work.catch(() => setProblem(true));
  };
  const remove = async (id: string) => {
    await deleteChat(relay, id);
    setAsked(null);
    setChats((before) => (before ?? []).filter((one) => one.id !== id));
    props.onDeleted(id);
  };
  const save = async (format: 'md' | 'html' | 'json') => {
    const url = URL.createObjectURL(await transcript(relay, chat ?? '', format));
    const link = document.createElement('a');
    link.href = url;
    link.download = `chat.${format}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  };

  return (
    <section
      class="drawer"
      role="dialog"
      aria-modal="true"
      aria-label={t('chat.menu')}
      tabIndex={-1}
      ref={box}
    >
      <header>
        <h2>{t('chat.menu')}</h2>
        <button type="button" class="head" aria-label={t('menu.close')} title={t('menu.close')} onClick={onClose}>
          <CloseIcon />
        </button>
      </header>

      <h3>{t('chat.yours')}</h3>
      {problem && (
        <p class="problem" role="alert">
          {t('chat.failed')}
        </p>
      )}
      {chats === null && !problem && <p class="hint">{t('chat.loading')}</p>}
      {chats?.length === 0 && <p class="hint">{t('chat.none')}</p>}
      <ul class="chats">
        {chats?.map((one) => (
          <li key={one.id} class={one.id === chat ? 'current' : undefined}>
            {asked === one.id ? (
              <p class="sure" role="alert">
                <span>{t('chat.delete-sure')}</span>
                <button type="button" class="quiet danger" onClick={() => tried(remove(one.id))}>
                  {t('chat.delete-yes')}
                </button>
                <button type="button" class="quiet" onClick={() => setAsked(null)}>
                  {t('chat.keep')}
                </button>
              </p>
            ) : (
              <>
                <button type="button" class="open" aria-current={one.id === chat} onClick={() => props.onChange(one.id)}>
                  <span dir="auto">{one.title ?? t('chat.untitled')}</span>
                  <small>{one.id === chat ? t('chat.current') : shortTime(one.createdAt)}</small>
                </button>
                <button type="button" class="head" title={t('chat.delete')} aria-label={`${t('chat.delete')}: ${one.title ?? t('chat.untitled')}`} onClick={() => setAsked(one.id)}>
                  <DeleteIcon />
                </button>
              </>
            )}
          </li>
        ))}
      </ul>

      {chat !== null && (
        <>
          <h3>{t('menu.save')}</h3>
          <p class="row">
            {(['md', 'html', 'json'] as const).map((format) => (
              <button key={format} type="button" class="quiet" onClick={() => tried(save(format))}>
                {{ md: 'Markdown', html: 'HTML', json: 'JSON' }[format]}
              </button>
            ))}
            {/* Elsewhere it would print the page around. */}
            {location.pathname.startsWith('/c/') && (
              <button type="button" class="quiet" onClick={() => print()}>
                {t('menu.print')}
              </button>
            )}
          </p>
          {props.mail && <EmailForm key={`mail ${chat}`} relay={relay} chat={chat} />}
          <ShareForm key={chat} relay={relay} base={props.base} chat={chat} files={props.files} />
        </>
      )}

      <OwnDoor relay={relay} limit={props.limit} />
      <h3>{t('menu.settings')}</h3>
      <label class="setting">
        <input type="checkbox" checked={props.sound} onChange={(event) => props.onSound(event.currentTarget.checked)} />
        {t('menu.sound')}
      </label>
      <label class="setting">
        {t('menu.language')}
        <select value={spoken().lang} onChange={(event) => props.onLanguage(event.currentTarget.value)}>
          {Object.entries(LANGUAGES).map(([tag, name]) => (
            <option key={tag} value={tag} lang={tag}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <p class="hint">{t('note.consent')}</p>
      <button type="button" class="leave" onClick={props.onLeave}>
        <LeaveIcon />
        {t('chat.leave')}
      </button>
    </section>
  );
}

/** Keeps Tab inside the drawer. */
function turn(event: KeyboardEvent, box: HTMLElement): void {
  const stops = [...box.querySelectorAll<HTMLElement>('button, input, select, summary')];
  const root = box.getRootNode() as ShadowRoot;
  const [first, last] = [stops[0], stops.at(-1)];
  const at = root.activeElement;
  if (event.shiftKey && (at === first || at === box)) {
    event.preventDefault();
    last?.focus();
  } else if (!event.shiftKey && at === last) {
    event.preventDefault();
    first?.focus();
  }
}
