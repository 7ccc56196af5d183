import { ChatApp, css, type ChatAppProps } from '@tendril/ui';
import { render } from 'preact';

const sheet = new CSSStyleSheet();
sheet.replaceSync(css);

export type MountOptions = ChatAppProps;

/** Renders the chat into a shadow root of `host`, whose styles neither leak out nor let others in. */
export function mount(host: HTMLElement, options: MountOptions): ShadowRoot {
  const root = host.attachShadow({ mode: 'open' });
  root.adoptedStyleSheets = [sheet];
  render(<ChatApp {...options} />, root);
  return root;
}
