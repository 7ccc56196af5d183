/// <reference types="vite/client" />
// The embed: one button. Nothing is fetched, stored or focused before the visitor comes near it; what
// opens then is in shell.ts.
declare const __APP__: string;
declare const __FRAME__: string;

import styles from './loader.css?inline';
import type { Shell, Start } from './shell';

const script = document.currentScript as HTMLScriptElement;
const base = new URL(script.src).origin;
const { dataset } = script;
const host = document.createElement('tendril-widget');
const button = document.createElement('button');
let shell: Promise<Shell> | undefined;

function load(): Promise<Shell> {
  shell ??= import(/* @vite-ignore */ `${base}/${dataset['mode'] === 'iframe' ? __FRAME__ : __APP__}`).then(({ start }: { start: Start }) =>
    start({ host, button, base, dataset }),
  );
  // The next try fetches again.
  shell.catch(() => (shell = undefined));
  return shell;
}

function near(): void {
  load().catch(() => {});
}

function begin(): void {
  // Whatever the page does to all its elements, it does not do to this one.
  host.style.cssText = 'all:initial!important';
  const root = host.attachShadow({ mode: 'open' });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(styles);
  root.adoptedStyleSheets = [sheet];
  button.type = 'button';
  button.part.add('launcher');
  button.ariaLabel =
    dataset['label'] ??
    ({ de: 'Chat öffnen', es: 'Abrir el chat', ja: 'チャットを開く', ar: 'افتح المحادثة' } as Record<string, string>)[(dataset['lang'] ?? navigator.language).slice(0, 2)] ??
    'Open the chat';
  button.ariaExpanded = 'false';
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 32 32');
  for (const d of [
    'M10 30C9 21 10.500 14.500 15 10.500c4.300-3.800 11-2 11 3.400 0 4.300-5 6.300-7.700 3.700-2-2-.7-5.300 2-5',
    'M10.200 22.500C5.600 22 2.800 18.800 3 13.700c4.900.3 7.700 3.300 7.200 8.800z',
  ]) {
    const path = document.createElementNS(svg.namespaceURI, 'path');
    path.setAttribute('d', d);
    svg.append(path);
  }
  button.append(svg);
  root.append(button);
  button.addEventListener('pointerenter', near);
  button.addEventListener('focus', near);
  button.addEventListener('click', () => void load().then((it) => it.toggle(), () => {}));
  document.body.append(host);
  // In the top layer no transform, filter or z-index of the page reaches it.
  host.popover = 'manual';
  host.showPopover?.();
}

// For the page around.
(window as unknown as { tendril: object }).tendril = {
  open: () => load().then((it) => it.open()),
  close: () => shell?.then((it) => it.close()),
  send: (text: string) => load().then((it) => it.send(text)),
  on: (name: string, listener: (event: Event) => void) => {
    host.addEventListener(name, listener);
    return () => host.removeEventListener(name, listener);
  },
};

if (document.body) begin();
else addEventListener('DOMContentLoaded', begin);
