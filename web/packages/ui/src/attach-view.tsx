import type { VNode } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { FilePart } from './attach-upload';
import { CloseIcon, icon } from './icons';
import { number, t } from './text';

/**
 * Images are drawn on a canvas: a page around the embed may forbid images of other origins, and of
 * `blob:`, and none of that concerns pixels.
 */

/** Who fetches them: a relay, or what stands in for one. */
export interface Caller {
  call(method: string, path: string): Promise<Response>;
}

const OWN = /^\/api\/v1\/attachments\/[0-9a-f-]{36}$/;
const REMEMBERED = 40;
const pictures = new Map<string, Promise<ImageBitmap>>();
const EarlierIcon = icon('M14.500 6 9 12l5.500 6');
const LaterIcon = icon('M9.500 6 15 12l-5.500 6');

function picture(relay: Caller, url: string, small: boolean): Promise<ImageBitmap> {
  const path = small ? `${url}?size=small` : url;
  const known = pictures.get(path);
  if (known) return known;
  if (!OWN.test(url)) return Promise.reject(new Error('not an image of the relay'));
  const fetched = relay
    .call('GET', path)
    .then((answer) => answer.blob())
    .then((blob) => createImageBitmap(blob));
  pictures.set(path, fetched);
  fetched.catch(() => pictures.delete(path));
  for (const oldest of pictures.keys()) {
    if (pictures.size <= REMEMBERED) break;
    pictures.delete(oldest);
  }
  return fetched;
}

/** A picture that is here. */
export function Pixels({ picture: shown, label }: { picture: ImageBitmap; label: string }): VNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    const paper = canvas.current;
    if (!paper) return;
    paper.width = shown.width;
    paper.height = shown.height;
    paper.getContext('2d')?.drawImage(shown, 0, 0);
  }, [shown]);
  return <canvas class="thumb" ref={canvas} role="img" aria-label={label} />;
}

/** An image of a message; words while it is not there. */
export function Picture({ relay, part, small = false }: { relay: Caller; part: FilePart; small?: boolean }): VNode {
  const [shown, setShown] = useState<ImageBitmap | null>(null);
  const [gone, setGone] = useState(false);
  useEffect(() => {
    let over = false;
    setShown(null);
    setGone(false);
    picture(relay, part.url, small).then(
      (found) => over || setShown(found),
      () => over || setGone(true),
    );
    return () => {
      over = true;
    };
  }, [relay, part.url, small]);
  if (shown) return <Pixels picture={shown} label={nameOf(part)} />;
  return <span class={gone ? 'thumb gone' : 'thumb'}>{gone && t('attach.gone')}</span>;
}

/** The images of a message; each opens large. */
export function Pictures({ relay, parts }: { relay: Caller; parts: FilePart[] }): VNode {
  const [open, setOpen] = useState<number | null>(null);
  return (
    <div class="pictures">
      {parts.map((part, at) => (
        <button key={part.url} type="button" aria-label={t('attach.open', { name: nameOf(part) })} onClick={() => setOpen(at)}>
          <Picture relay={relay} part={part} small />
        </button>
      ))}
      {open !== null && <Lightbox relay={relay} parts={parts} at={open} onClose={() => setOpen(null)} />}
    </div>
  );
}

/** One image over everything. Escape closes, arrows turn the pages; the focus comes back by itself. */
function Lightbox({ relay, parts, at: first, onClose }: { relay: Caller; parts: FilePart[]; at: number; onClose(): void }): VNode | null {
  const box = useRef<HTMLDialogElement>(null);
  const [at, setAt] = useState(first);
  useLayoutEffect(() => {
    const dialog = box.current;
    if (!dialog) return;
    const close = (event: Event) => {
      event.preventDefault();
      onClose();
    };
    const press = (event: KeyboardEvent) => {
      // The window of the embed closes with Escape, too.
      event.stopPropagation();
      if (event.key === 'Escape') close(event);
      if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
      const later = getComputedStyle(dialog).direction === 'rtl' ? 'ArrowLeft' : 'ArrowRight';
      const by = event.key === later ? 1 : -1;
      setAt((now) => (now + by + parts.length) % parts.length);
    };
    const beside = (event: Event) => event.target === dialog && onClose();
    dialog.addEventListener('cancel', close);
    dialog.addEventListener('keydown', press);
    dialog.addEventListener('click', beside);
    dialog.showModal();
    return () => {
      dialog.removeEventListener('cancel', close);
      dialog.removeEventListener('keydown', press);
      dialog.removeEventListener('click', beside);
      dialog.close();
    };
    // Once: it opens with the first picture and closes with the component.
  }, []);
  const part = parts[at];
  if (part === undefined) return null;
  const turn = (by: number) => setAt((at + by + parts.length) % parts.length);
  return (
    <dialog ref={box} class="lightbox" aria-label={nameOf(part)}>
      <Picture relay={relay} part={part} />
      <div class="line">
        <span dir="auto">{nameOf(part)}</span>
        {parts.length > 1 && (
          <>
            <button type="button" class="round" aria-label={t('attach.earlier')} title={t('attach.earlier')} onClick={() => turn(-1)}>
              <EarlierIcon />
            </button>
            <span>{`${number(at + 1)} / ${number(parts.length)}`}</span>
            <button type="button" class="round" aria-label={t('attach.later')} title={t('attach.later')} onClick={() => turn(1)}>
              <LaterIcon />
            </button>
          </>
        )}
        <button type="button" class="round" aria-label={t('attach.close')} title={t('attach.close')} onClick={onClose}>
          <CloseIcon />
        </button>
      </div>
    </dialog>
  );
}

function nameOf(part: FilePart): string {
  return part.filename ?? t('attach.unnamed');
}
