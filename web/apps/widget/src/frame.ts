/** The embed's lazy chunk of `data-mode="iframe"`: the hosted page in a frame that the page around cannot read. */
import { shell, type Launch, type Shell } from './shell';

/** What the two pages say to each other, over a port of their own that one message hands over. */
export type Word = { type: 'close' } | { type: 'title'; title: string } | { type: 'answer' } | { type: 'send'; text: string };

/** The chat in a frame of the relay's origin. */
export function start(launch: Launch): Shell {
  const { base, dataset } = launch;
  return shell(launch, (told) => {
    const element = document.createElement('iframe');
    const lang = dataset['lang'];
    element.src = `${base}/c/${encodeURIComponent(dataset['site'] ?? '')}${lang === undefined ? '' : `?lang=${encodeURIComponent(lang)}`}`;
    element.title = 'Chat';
    element.allow = 'clipboard-write';
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener('message', ({ data }: MessageEvent<Word>) => {
      if (data.type === 'close') told.close();
      else if (data.type === 'title') told.title((element.title = data.title));
      else if (data.type === 'answer') told.answer();
    });
    port1.start();
    // Only the relay's page gets the port: the browser checks the origin.
    element.addEventListener('load', () => element.contentWindow?.postMessage('tendril', base, [port2]), { once: true });
    return {
      element,
      send: (text) => port1.postMessage({ type: 'send', text } satisfies Word),
      focus: () => element.focus({ preventScroll: true }),
    };
  });
}
