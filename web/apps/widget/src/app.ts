/** The embed's lazy chunk: what the loader imports when the visitor comes near its button. */
import { mount } from './element';
import { shell, type Launch, type Shell } from './shell';

/** The chat in a shadow root of the page. */
export function start(launch: Launch): Shell {
  const { base, dataset } = launch;
  return shell(launch, (told) => {
    const element = document.createElement('tendril-chat');
    element.tabIndex = -1;
    element.setAttribute('exportparts', 'header, log, question, answer, composer');
    let send: ((text: string) => void) | undefined;
    mount(element, {
      base,
      site: dataset['site'] ?? '',
      lang: dataset['lang'],
      onClose: told.close,
      onTitle: told.title,
      onAnswer: told.answer,
      bind: (sender) => (send = sender),
    });
    return {
      element,
      send: (text) => send?.(text),
      // Where a field has the focus already, it stays there.
      focus: () => element.shadowRoot?.activeElement ?? element.focus({ preventScroll: true }),
    };
  });
}
