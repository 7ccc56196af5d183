import './page.css';
import { mount } from './element';
import type { Word } from './frame';

// The hosted page, /c/{site}, by itself or in a frame of the embed.
const site = decodeURIComponent(location.pathname.split('/')[2] ?? '');
const host = document.createElement('tendril-chat');
let title = document.title;
let unread = 0;
let port: MessagePort | undefined;
let send: (text: string) => void = () => {};
const tell = (word: Word) => port?.postMessage(word);

function show(): void {
  document.title = unread > 0 ? `(${unread}) ${title}` : title;
}

document.body.append(host);
mount(host, {
  base: location.origin,
  site,
  lang: new URLSearchParams(location.search).get('lang') ?? undefined,
  // A page of its own has nothing to close.
  onClose: window.parent === window ? undefined : () => tell({ type: 'close' }),
  onTitle: (said) => {
    title = said;
    show();
    tell({ type: 'title', title });
  },
  onAnswer: () => {
    if (document.hidden) unread++;
    show();
    tell({ type: 'answer' });
  },
  onLanguage: (lang, dir) => Object.assign(document.documentElement, { lang, dir }),
  bind: (sender) => (send = sender),
});

document.addEventListener('visibilitychange', () => {
  if (document.hidden) return;
  unread = 0;
  show();
});
// The page around hands over a port once; whoever it is, it may only open, close and send.
addEventListener('message', (event) => {
  if (event.source !== window.parent || port !== undefined || event.data !== 'tendril') return;
  const [given] = event.ports;
  if (given === undefined) return;
  port = given;
  given.addEventListener('message', ({ data }: MessageEvent<Word>) => {
    if (data.type === 'send') send(data.text);
  });
  given.start();
  tell({ type: 'title', title });
});
addEventListener('keydown', (event) => {
  if (event.key === 'Escape') tell({ type: 'close' });
});
