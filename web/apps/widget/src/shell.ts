import styles from './shell.css?inline';

/**
 * What the launcher opens: a dialog with the chat in it, on a phone a modal one that fills the screen.
 * The chat itself is given, so that the same shell holds it in a shadow root or in a frame.
 */

/** What the loader knows. */
export interface Launch {
  host: HTMLElement;
  button: HTMLButtonElement;
  base: string;
  dataset: DOMStringMap;
}

/** What the page around may do. */
export interface Shell {
  open(): void;
  close(): void;
  toggle(): void;
  /** Sends a message as the visitor; before they are in, it waits as their draft. */
  send(text: string): void;
}

export type Start = (launch: Launch) => Shell;

/** The chat in the dialog. */
export interface Chat {
  element: HTMLElement;
  send(text: string): void;
  focus(): void;
}

export interface Told {
  close(): void;
  title(title: string): void;
  /** An answer has ended. */
  answer(): void;
}

/** Makes the dialog around the chat that `fill` makes when it opens first. */
export function shell({ host, button, dataset }: Launch, fill: (told: Told) => Chat): Shell {
  const root = host.shadowRoot as ShadowRoot;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(styles);
  root.adoptedStyleSheets.push(sheet);
  const panel = document.createElement('dialog');
  panel.id = 'panel';
  panel.part.add('panel');
  panel.ariaLabel = 'Chat';
  button.setAttribute('aria-controls', panel.id);
  const badge = document.createElement('span');
  badge.part.add('badge');
  button.append(badge);
  root.prepend(panel);

  const label = button.ariaLabel ?? '';
  const phone = matchMedia('(max-width: 480px)');
  let chat: Chat | undefined;
  let unread = 0;

  const emit = (name: string, detail?: unknown) => host.dispatchEvent(new CustomEvent(name, { detail }));
  const count = (n: number) => {
    unread = n;
    badge.textContent = n > 0 ? `${n}` : '';
    button.ariaLabel = n > 0 ? `${label} (${n})` : label;
    if (dataset['title'] === undefined) return;
    const title = document.title.replace(/^\(\d+\) /, '');
    document.title = n > 0 ? `(${n}) ${title}` : title;
  };
  const told: Told = {
    close: () => close(),
    title: (title) => (panel.ariaLabel = title),
    answer: () => {
      if (!panel.open || document.hidden) count(unread + 1);
      emit('answer', { unread });
    },
  };

  const show = () => {
    if (panel.open) panel.close();
    if (phone.matches) panel.showModal();
    else panel.show();
  };
  const open = () => {
    if (panel.open) return;
    if (chat === undefined) {
      chat = fill(told);
      panel.append(chat.element);
    }
    show();
    chat.focus();
    button.ariaExpanded = 'true';
    count(0);
    emit('open');
  };
  const close = () => {
    if (!panel.open) return;
    panel.close();
    button.ariaExpanded = 'false';
    button.focus();
    emit('close');
  };
  // A modal one on a phone, turned sideways, is a window beside the page.
  phone.addEventListener('change', () => panel.open && show());
  panel.addEventListener('cancel', (event) => {
    event.preventDefault();
    close();
  });
  root.addEventListener('keydown', (event) => {
    if ((event as KeyboardEvent).key === 'Escape' && panel.open) close();
  });
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden && panel.open) count(0);
  });
  return {
    open,
    close,
    toggle: () => (panel.open ? close() : open()),
    send: (text) => {
      open();
      chat?.send(text);
    },
  };
}
