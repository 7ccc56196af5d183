import { plainText } from '@tendril/markdown';
import type { VNode } from 'preact';
import { markdownOf, type Entry } from './entries';
import { PinIcon } from './more-icons';
import { t } from './text';

/** The pinned message, above the log; leads to it. */
export function Pinned({ entry, onShow }: { entry: Entry; onShow(id: string): void }): VNode {
  return (
    <button type="button" class="pinned" aria-label={t('pin.jump')} onClick={() => onShow(entry.id)}>
      <PinIcon />
      <span class="sr">{t('pin.pinned')}</span>
      <span class="words" dir="auto">
        {entry.kind === 'question' ? entry.text : plainText(markdownOf(entry)).slice(0, 160)}
      </span>
    </button>
  );
}
