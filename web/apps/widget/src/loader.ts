/// <reference types="vite/client" />
// The embed: one button, and the chat behind it. Nothing is fetched, stored or focused before the
// visitor comes near the button.
declare const __APP__: string;

interface App {
  mount(host: HTMLElement, options: { base: string; site: string; onClose(): void; onTitle(title: string): void }): ShadowRoot;
}

import styles from './loader.css?inline';

const script = document.currentScript as HTMLScriptElement;
const base = new URL(script.src).origin;
const site = script.dataset['site'] ?? '';
const NS = 'http://www.w3.org/2000/svg';

function start(): void {
  const host = document.createElement('tendril-widget');
  const root = host.attachShadow({ mode: 'open' });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(styles);
  root.adoptedStyleSheets = [sheet];

  const button = document.createElement('button');
  button.type = 'button';
  button.ariaLabel = script.dataset['label'] ?? 'Open the chat';
  button.ariaExpanded = 'false';
  button.setAttribute('aria-controls', 'panel');
  const svg = document.createElementNS(NS, 'svg');
  svg.setAttribute('viewBox', '0 0 32 32');
  svg.setAttribute('aria-hidden', 'true');
  for (const d of [
    'M10 30C9 21 10.500 14.500 15 10.500c4.300-3.800 11-2 11 3.400 0 4.300-5 6.300-7.700 3.700-2-2-.7-5.300 2-5',
    'M10.200 22.500C5.600 22 2.800 18.800 3 13.700c4.900.3 7.700 3.300 7.200 8.800z',
  ]) {
    const path = document.createElementNS(NS, 'path');
    path.setAttribute('d', d);
    svg.append(path);
  }
  button.append(svg);

  const panel = document.createElement('div');
  panel.id = 'panel';
  panel.role = 'dialog';
  panel.ariaLabel = 'Chat';
  panel.hidden = true;
  root.append(panel, button);

  let app: Promise<App> | undefined;
  let inner: ShadowRoot | undefined;
  const load = () => (app ??= import(/* @vite-ignore */ `${base}/${__APP__}`) as Promise<App>);
  const show = (open: boolean) => {
    panel.hidden = !open;
    button.ariaExpanded = String(open);
    if (!open) button.focus();
  };
  const open = async () => {
    show(true);
    try {
      const { mount } = await load();
      const chat = document.createElement('tendril-chat');
      if (!inner) panel.append(chat);
      inner ??= mount(chat, { base, site, onClose: () => show(false), onTitle: (title) => (panel.ariaLabel = title) });
    } catch {
      app = undefined;
      show(false);
    }
  };
  const near = () => void load().catch(() => (app = undefined));
  button.addEventListener('pointerenter', near);
  button.addEventListener('focus', near);
  button.addEventListener('click', () => (panel.hidden ? void open() : show(false)));
  root.addEventListener('keydown', (event) => {
    if ((event as KeyboardEvent).key === 'Escape' && !panel.hidden) show(false);
  });
  document.body.append(host);
}

if (document.body) start();
else addEventListener('DOMContentLoaded', start);
