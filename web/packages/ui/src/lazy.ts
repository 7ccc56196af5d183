import type { RefObject } from 'preact';
import { useEffect, useState } from 'preact/hooks';

/** What is fetched later, see more.ts. */
export type More = typeof import('./more');

/** Fetches the rest of the page once it is wanted, and its styles for the shadow root around `at`. */
export function useMore(wanted: boolean, at: RefObject<Element>): More | null {
  const [more, setMore] = useState<More | null>(null);
  useEffect(() => {
    if (!wanted || more !== null) return;
    let timer: ReturnType<typeof setTimeout>;
    const load = () => void import('./more').then(take, () => (timer = setTimeout(load, 3_000)));
    const take = (found: More) => {
      const root = at.current?.getRootNode() as ShadowRoot | undefined;
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(found.css);
      if (root?.adoptedStyleSheets) root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
      setMore(found);
    };
    load();
    return () => clearTimeout(timer);
  }, [wanted, more, at]);
  return more;
}
