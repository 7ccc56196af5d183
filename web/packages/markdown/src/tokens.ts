/** What a markdown text consists of. Strings are text to show as it is: references are resolved. */

export type Inline =
  | string
  | { type: 'br' }
  | { type: 'code'; text: string }
  | { type: 'strong' | 'em' | 'del'; tokens: Inline[] }
  /** `href` is as written, and no promise: whoever makes a link of it asks `safeHref`. */
  | { type: 'link'; href: string; tokens: Inline[] }
  | { type: 'image'; href: string; tokens: Inline[] };

export type Align = 'left' | 'center' | 'right' | null;

export interface Item {
  /** Its text begins with a box. */
  task: boolean;
  blocks: Block[];
}

export type Block = {
  /** The source from here to the next block, blank lines and definitions included. Empty inside others. */
  raw: string;
} & (
  | { type: 'paragraph'; tokens: Inline[]; /** In a list without blank lines. */ tight: boolean }
  | { type: 'heading'; depth: number; tokens: Inline[] }
  | { type: 'code'; lang: string; text: string; /** The closing fence has come, or none is needed. */ closed: boolean }
  | { type: 'hr' }
  | { type: 'quote'; blocks: Block[] }
  | { type: 'list'; ordered: boolean; start: number; items: Item[] }
  | { type: 'table'; align: Align[]; header: Inline[][]; rows: Inline[][][] }
);

/** Addresses by label, from lines such as `[label]: https://…`. */
export type Definitions = Map<string, string>;
