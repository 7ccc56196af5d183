import { SafeLink, safeHref } from '@tendril/markdown';
import type { Part } from '@tendril/stream';
import type { VNode } from 'preact';
import { t } from './text';

/** What an answer has beside its words. */
export function OtherPart({ part, finished }: { part: Part; finished: boolean }): VNode | null {
  switch (part.type) {
    case 'reasoning':
      return (
        <details class="thoughts">
          <summary>{t('part.thoughts')}</summary>
          <div dir="auto">{part.text}</div>
        </details>
      );
    case 'dynamic-tool':
      return <p class="tool">{toolLine(part, finished)}</p>;
    case 'file':
      return (
        <p>
          <SafeLink href={part.url}>{part.filename ?? t('attach.file')}</SafeLink>
        </p>
      );
    default:
      return null;
  }
}

function toolLine(part: Extract<Part, { type: 'dynamic-tool' }>, finished: boolean): string {
  const name = part.toolName;
  // The worker says it so of a model without eyes.
  if (name === 'see_images') return t('attach.blind');
  if (part.state === 'output-error') return t('part.tool-failed', { name });
  return t(part.state === 'input-available' && !finished ? 'part.tool-running' : 'part.tool', { name });
}

export function Sources({ sources }: { sources: Extract<Part, { type: 'source-url' }>[] }): VNode {
  return (
    <section class="sources" aria-label={t('part.sources')}>
      <h3>{t('part.sources')}</h3>
      <ol>
        {sources.map((source) => (
          <li key={source.sourceId}>
            <SafeLink href={source.url}>{source.title ?? source.url}</SafeLink>
            {safeHref(source.url) !== null && <span class="host">{host(source.url)}</span>}
          </li>
        ))}
      </ol>
    </section>
  );
}

function host(url: string): string {
  const { hostname } = new URL(url);
  return hostname.replace(/^www\./, '');
}
