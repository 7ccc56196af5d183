import { decodeEntities } from './links';
import type { Definitions, Inline } from './tokens';

/**
 * The inside of a paragraph: code first, then links, then stress by the delimiter rules of CommonMark.
 * Every step looks at each character a bounded number of times, so that no answer can stall the page.
 */

interface Delimiter {
  char: string;
  /** How many are still to be used. */
  count: number;
  length: number;
  opens: boolean;
  closes: boolean;
  /** Where it stands among the nodes. */
  node: Node;
}

/** A node in the making: delimiters and brackets are text until their other half is found. */
interface Node {
  value: Inline;
}

interface Bracket {
  node: Node;
  image: boolean;
  /** After the bracket. */
  at: number;
  delimiters: number;
  /** A link holds no other link. */
  live: boolean;
}

const PUNCTUATION = /[\p{P}\p{S}]/u;
const SPACE = /^\s?$/;
const ESCAPED = /[!-/:-@[-`{-~]/;
const ANGLE = /<([a-z][a-z\d+.-]{1,31}:[^\s<>]*|[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)*)>|<(?:!--[^]*?-->|\/?[a-z][a-z\d-]*(?:\s[^<>]*)?\/?>|[?!][^>]*>)/iy;
const BARE = /(?:https?:\/\/|www\.)[^\s<]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+/iy;
/** The next character or address that may mean something. */
const STOP = /[\\`*_~[\]!<\n]|(?<![\w/.+@-])(?:https?:\/\/|www\.)[^\s<]|(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+/gi;
const TARGET = /\(\s*(?:<((?:\\.|[^\\<>\n])*)>|((?:\\.|\((?:\\.|[^\\()\s])*\)|[^\\()\s])*))(?:\s+(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\((?:\\.|[^()\\])*\)))?\s*\)/y;
const LABEL = /\[((?:\\.|[^\\[\]]){0,999})\]/y;

/** Parses `text`; `definitions` are the addresses that `[label]` may mean. */
export function inline(text: string, definitions: Definitions): Inline[] {
  const nodes: Node[] = [];
  const delimiters: Delimiter[] = [];
  const brackets: Bracket[] = [];
  /** Lengths of backtick runs that close nowhere. */
  const unclosed = new Set<number>();
  let at = 0;

  const push = (value: Inline): Node => {
    const node = { value };
    nodes.push(node);
    return node;
  };
  const match = (pattern: RegExp, from = at): RegExpExecArray | null => {
    pattern.lastIndex = from;
    return pattern.exec(text);
  };

  while (at < text.length) {
    const char = text.charAt(at);
    if (char === '\\') {
      const next = text.charAt(at + 1);
      if (next === '\n') push({ type: 'br' });
      else push(ESCAPED.test(next) ? next : char);
      at += next === '\n' || ESCAPED.test(next) ? 2 : 1;
    } else if (char === '`') {
      const length = match(/`+/y)?.[0].length ?? 1;
      const end = unclosed.has(length) ? -1 : closing(text, at + length, length);
      if (end < 0) {
        unclosed.add(length);
        push('`'.repeat(length));
        at += length;
      } else {
        const inner = text.slice(at + length, end).replace(/\n/g, ' ');
        push({ type: 'code', text: /^ .*[^ ].* $/.test(inner) ? inner.slice(1, -1) : inner });
        at = end + length;
      }
    } else if (char === '\n') {
      const last = nodes.at(-1);
      const hard = typeof last?.value === 'string' && last.value.endsWith('  ');
      if (last && typeof last.value === 'string') last.value = last.value.trimEnd();
      push(hard ? { type: 'br' } : '\n');
      at++;
    } else if (char === '<') {
      const [whole = char, address] = match(ANGLE) ?? [];
      if (address !== undefined) push(link(address));
      else push(whole);
      at += whole.length;
    } else if (char === '*' || char === '_' || char === '~') {
      at += run(char);
    } else if (char === '[' || (char === '!' && text.charAt(at + 1) === '[')) {
      const image = char === '!';
      at += image ? 2 : 1;
      brackets.push({ node: push(image ? '![' : '['), image, at, delimiters: delimiters.length, live: true });
    } else if (char === ']') {
      at += close();
    } else {
      const stop = match(STOP)?.index ?? text.length;
      if (stop > at) {
        push(decodeEntities(text.slice(at, stop)));
        at = stop;
      } else {
        const address = trimmed(match(BARE)?.[0] ?? '');
        const bare = address !== '' && !brackets.some(({ image, live }) => live && !image);
        push(bare ? link(address) : address || char);
        at += address.length || 1;
      }
    }
  }
  stress(0);
  return joined(nodes);

  /** A run of delimiters; returns its length. */
  function run(char: string): number {
    let end = at;
    while (text.charAt(end) === char) end++;
    const length = end - at;
    const before = at === 0 ? '' : String.fromCodePoint(text.codePointAt(at - (/[\udc00-\udfff]/.test(text.charAt(at - 1)) ? 2 : 1)) ?? 32);
    const after = end === text.length ? '' : String.fromCodePoint(text.codePointAt(end) ?? 32);
    const left = !SPACE.test(after) && (!PUNCTUATION.test(after) || SPACE.test(before) || PUNCTUATION.test(before));
    const right = !SPACE.test(before) && (!PUNCTUATION.test(before) || SPACE.test(after) || PUNCTUATION.test(after));
    const word = char === '_';
    const node = push(text.slice(at, end));
    if (char !== '~' || length < 3) {
      delimiters.push({
        char,
        count: length,
        length,
        opens: left && (!word || !right || PUNCTUATION.test(before)),
        closes: right && (!word || !left || PUNCTUATION.test(after)),
        node,
      });
    }
    return length;
  }

  /** At a `]`: a link, an image, or just a bracket. Returns how much was read. */
  function close(): number {
    const bracket = brackets.pop();
    if (bracket === undefined || !bracket.live) {
      push(']');
      return 1;
    }
    const { image, node } = bracket;
    let href: string | undefined;
    let length = 1;
    const target = match(TARGET, at + 1);
    if (target !== null) {
      href = unescaped(target[1] ?? target[2] ?? '');
      length += target[0].length;
    } else {
      const label = match(LABEL, at + 1);
      const own = text.slice(bracket.at, at);
      href = definitions.get(labelled(label?.[1] || own));
      if (href !== undefined && label !== null) length += label[0].length;
    }
    if (href === undefined) {
      push(']');
      return 1;
    }
    stress(bracket.delimiters);
    const from = nodes.indexOf(node);
    const tokens = joined(nodes.splice(from + 1));
    node.value = image ? { type: 'image', href, tokens } : { type: 'link', href, tokens };
    if (!image) for (const outer of brackets) if (!outer.image) outer.live = false;
    return length;
  }

  /** Pairs the delimiters from `bottom` on; what finds no partner stays text. */
  function stress(bottom: number): void {
    /** Below these there is no opener for such a closer. */
    const floors = new Map<string, number>();
    for (let c = bottom; c < delimiters.length; c++) {
      const closer = delimiters[c] as Delimiter;
      while (closer.closes && closer.count > 0) {
        const kind = `${closer.char}${closer.opens}${closer.length % 3}`;
        const floor = floors.get(kind) ?? bottom;
        let o = c - 1;
        while (o >= floor && !partners(delimiters[o] as Delimiter, closer)) o--;
        if (o < floor) {
          floors.set(kind, c);
          break;
        }
        const opener = delimiters[o] as Delimiter;
        const tilde = closer.char === '~';
        const used = tilde ? closer.count : Math.min(2, opener.count, closer.count);
        const from = nodes.indexOf(opener.node) + 1;
        const to = nodes.indexOf(closer.node, from);
        const tokens = joined(nodes.slice(from, to));
        const type = tilde ? 'del' : used === 2 ? 'strong' : 'em';
        nodes.splice(from, to - from, { value: { type, tokens } });
        for (const side of [opener, closer]) {
          side.count -= used;
          side.node.value = side.char.repeat(side.count);
        }
        // What stood between them has lost its chance.
        delimiters.splice(o + 1, c - o - 1);
        c = o + 1;
        for (const [name, stood] of floors) floors.set(name, Math.min(stood, c));
      }
    }
    delimiters.length = bottom;
  }
}

function partners(opener: Delimiter, closer: Delimiter): boolean {
  if (!opener.opens || opener.char !== closer.char || opener.count === 0) return false;
  if (opener.char === '~') return opener.count === closer.count;
  if (!opener.closes && !closer.opens) return true;
  return (opener.length + closer.length) % 3 !== 0 || (opener.length % 3 === 0 && closer.length % 3 === 0);
}

/** Where the run of exactly `length` backticks begins that closes the code; -1: nowhere. */
function closing(text: string, from: number, length: number): number {
  const runs = /`+/g;
  runs.lastIndex = from;
  for (let found = runs.exec(text); found !== null; found = runs.exec(text)) {
    if (found[0].length === length) return found.index;
  }
  return -1;
}

/** A bare address without the marks that end the sentence around it. */
function trimmed(address: string): string {
  let end = address.replace(/(?:[?!.,:;*_~'"]|&\w+;)+$/, '');
  while (end.endsWith(')') && end.split(')').length > end.split('(').length) end = end.slice(0, -1).replace(/[?!.,:;*_~'"]+$/, '');
  return /^(?:https?:\/\/|www\.)?$/i.test(end) ? '' : end;
}

function link(address: string): Inline {
  const href = /^www\./i.test(address) ? `http://${address}` : /^[a-z][a-z\d+.-]+:/i.test(address) ? address : `mailto:${address}`;
  return { type: 'link', href, tokens: [address] };
}

function unescaped(text: string): string {
  return decodeEntities(text.replace(/\\([!-/:-@[-`{-~])/g, '$1'));
}

/** A label as labels are compared. */
export function labelled(text: string): string {
  return text.trim().replace(/\s+/g, ' ').toLowerCase();
}

/** The nodes' values, neighbouring texts made one. */
function joined(nodes: Node[]): Inline[] {
  const tokens: Inline[] = [];
  for (const { value } of nodes) {
    const last = tokens.at(-1);
    if (typeof value === 'string' && typeof last === 'string') tokens[tokens.length - 1] = last + value;
    else if (value !== '') tokens.push(value);
  }
  return tokens;
}
