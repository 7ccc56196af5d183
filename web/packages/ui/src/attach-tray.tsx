import type { Credentials, Relay } from '@tendril/stream';
import type { VNode } from 'preact';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { ACCEPT, MOST, Refusal, prepare, upload, type FilePart } from './attach-upload';
import { Picture, Pixels } from './attach-view';
import { CloseIcon, icon } from './icons';
import { number, say, t, type Said } from './text';

/** The images that the next message takes along. */
export interface Files {
  parts: FilePart[];
  /** Some are still on their way. */
  busy: boolean;
}

export interface AttachProps {
  base: string;
  relay: Relay;
  session: Credentials;
  /** What is there from the start: the images of a message that is worded anew. */
  initial: FilePart[];
  onChange(files: Files): void;
}

interface Item {
  key: number;
  name: string;
  picture?: ImageBitmap;
  /** From 0 to 1, while it is sent. */
  progress?: number;
  part?: FilePart;
  over: AbortController;
}

const ImageIcon = icon('M5 4.500h14a1.500 1.500 0 0 1 1.500 1.500v12a1.500 1.500 0 0 1-1.500 1.500H5A1.500 1.500 0 0 1 3.500 18V6A1.500 1.500 0 0 1 5 4.500zM4 17l5-5 4 4 2.500-2.500 4.500 4.500M15.500 9.500h.01');
let keys = 0;

/** A button to pick images, what was picked, pasted or dropped, and how far it has come. */
export function Attach({ base, relay, session, initial, onChange }: AttachProps): VNode {
  const [items, setItems] = useState<Item[]>(() => initial.map((part) => ({ key: keys++, name: part.filename ?? t('attach.unnamed'), part, over: new AbortController() })));
  const [problem, setProblem] = useState<Said | null>(null);
  const [dropping, setDropping] = useState(false);
  const place = useRef<HTMLSpanElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const now = useRef(items);
  now.current = items;

  const change = useCallback((key: number, patch: Partial<Item> | null) => {
    setItems((before) => before.flatMap((item) => (item.key !== key ? [item] : patch === null ? [] : [{ ...item, ...patch }])));
  }, []);
  const add = useCallback(
    async (files: File[]) => {
      setProblem(null);
      const room = MOST - now.current.length;
      if (files.length > room) setProblem({ key: 'attach.too-many', vars: { n: files.length - Math.max(0, room) } });
      const added = files.slice(0, Math.max(0, room)).map((file) => ({ file, item: { key: keys++, name: short(file.name), over: new AbortController() } as Item }));
      // What comes next in this turn counts these already.
      now.current = [...now.current, ...added.map(({ item }) => item)];
      setItems((before) => [...before, ...added.map(({ item }) => item)]);
      for (const { file, item } of added) {
        const { key, name, over } = item;
        try {
          const { picture, body } = await prepare(file, name);
          change(key, { picture, progress: 0 });
          const part = await upload({ base, session, body, signal: over.signal, progress: (progress) => change(key, { progress }) }, name);
          if (over.signal.aborted) drop(relay, part);
          else change(key, { part });
        } catch (error) {
          change(key, null);
          if (!over.signal.aborted) setProblem(error instanceof Refusal ? error.said : { key: 'attach.failed', vars: { name } });
        }
      }
    },
    [base, relay, session, change],
  );
  useEffect(() => () => now.current.forEach(({ over }) => over.abort()), []);
  useEffect(() => {
    onChange({ parts: items.flatMap(({ part }) => part ?? []), busy: items.some(({ part }) => part === undefined) });
  }, [items, onChange]);

  useEffect(() => {
    const talk = place.current?.closest<HTMLElement>('.talk');
    if (!talk) return;
    const carries = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
    const paste = (event: ClipboardEvent) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (files.length === 0) return;
      event.preventDefault();
      void add(files);
    };
    const over = (event: DragEvent) => {
      if (!carries(event)) return;
      event.preventDefault();
      setDropping(true);
    };
    const leave = (event: DragEvent) => {
      if (!(event.relatedTarget instanceof Node && talk.contains(event.relatedTarget))) setDropping(false);
    };
    const dropped = (event: DragEvent) => {
      setDropping(false);
      if (!carries(event)) return;
      event.preventDefault();
      void add([...(event.dataTransfer?.files ?? [])]);
    };
    talk.addEventListener('paste', paste);
    talk.addEventListener('dragover', over);
    talk.addEventListener('dragleave', leave);
    talk.addEventListener('drop', dropped);
    return () => {
      talk.removeEventListener('paste', paste);
      talk.removeEventListener('dragover', over);
      talk.removeEventListener('dragleave', leave);
      talk.removeEventListener('drop', dropped);
    };
  }, [add]);

  const remove = ({ key, part, over }: Item) => {
    over.abort();
    if (part && !initial.includes(part)) drop(relay, part);
    change(key, null);
    button.current?.focus();
  };
  const ready = items.findLast(({ part }) => part !== undefined);

  return (
    <span class="attach" ref={place}>
      <button type="button" class="round" ref={button} aria-label={t('attach.add')} title={t('attach.add')} onClick={() => input.current?.click()}>
        <ImageIcon />
      </button>
      <input
        ref={input}
        type="file"
        accept={ACCEPT}
        multiple
        hidden
        onChange={(event) => {
          void add([...(event.currentTarget.files ?? [])]);
          event.currentTarget.value = '';
        }}
      />
      {items.length > 0 && (
        <ul class="tray">
          {items.map((item) => (
            <li key={item.key}>
              {item.picture ? <Pixels picture={item.picture} label={item.name} /> : item.part ? <Picture relay={relay} part={item.part} small /> : <span class="thumb" />}
              {item.part === undefined && (
                <progress max={1} value={item.progress} aria-label={t('attach.sending', { name: item.name, percent: number(Math.round((item.progress ?? 0) * 100)) })} />
              )}
              <button type="button" class="remove" title={t('attach.remove', { name: item.name })} aria-label={t('attach.remove', { name: item.name })} onClick={() => remove(item)}>
                <CloseIcon />
              </button>
            </li>
          ))}
        </ul>
      )}
      {problem !== null && (
        <p class="attach-problem" role="alert">
          {say(problem)}
        </p>
      )}
      <span class="sr" role="status">
        {ready && t('attach.ready', { name: ready.name })}
      </span>
      {dropping && <span class="dropping">{t('attach.drop')}</span>}
    </span>
  );
}

function drop(relay: Relay, part: FilePart): void {
  // What is not sent goes by itself after a day.
  relay.call('DELETE', part.url).catch(() => {});
}

/** A name on one line, as the relay takes it. */
function short(name: string): string {
  // oxlint-disable-next-line no-control-regex -- those are what must go
  const plain = name.replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ').replace(/\p{Cs}/gu, '').trim();
  return plain === '' ? t('attach.unnamed') : plain.slice(0, 100);
}
