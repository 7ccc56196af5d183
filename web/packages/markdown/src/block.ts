import { decodeEntities } from './links';
import { inline, labelled } from './inline';
import type { Align, Block, Definitions, Inline, Item } from './tokens';

/**
 * The blocks of a markdown text, one line after the other: which containers does the line go on, what
 * does it begin, where does the rest belong (the strategy of the CommonMark specification). A line
 * never changes what stands before the last block, which is why a growing text may keep those.
 *
 * GFM's tables and tasks are in, and three simplifications: a definition is one line, HTML is text like
 * any other, a tab counts where a line begins.
 */

type Kind = 'root' | 'quote' | 'list' | 'item' | 'paragraph' | 'heading' | 'code' | 'fence' | 'hr' | 'table';

/** A block in the making. */
interface Open {
  kind: Kind;
  children: Open[];
  lines: string[];
  /** First line, counted from 0. */
  line: number;
  /** Columns that belong to an item or precede a fence. */
  indent: number;
  /** `-`, `*`, `+`, `.`, `)` of a list; the fence itself; what follows it in `info`. */
  mark: string;
  info: string;
  /** A heading's depth, a list's first number. */
  number: number;
  loose: boolean;
  open: boolean;
}

/** What takes no new block of any kind, but that a list takes items. */
const LEAVES = new Set<Kind>(['paragraph', 'table', 'list']);
const QUOTE = /^ {0,3}> ?/;
const HEADING = /^ {0,3}(#{1,6})(?:[ \t]+|$)/;
const FENCE = /^( {0,3})(`{3,}(?!.*`)|~{3,})[ \t]*(.*)$/;
const RULE = /^ {0,3}([-*_])(?:[ \t]*\1){2,}[ \t]*$/;
const UNDERLINE = /^ {0,3}(=+|-+)[ \t]*$/;
const MARKER = /^( {0,3})(?:([-*+])|(\d{1,9})([.)]))( +|$)/;
const DELIMITERS = /^ {0,3}(?=.*\|)\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/;
const DEFINITION = /^ {0,3}\[((?:\\.|[^\\[\]]){1,999})\]:[ \t]*(?:<([^<>]*)>|(\S+))(?:[ \t]+(?:"[^"]*"|'[^']*'|\([^()]*\)))?[ \t]*$/;

/** Blocks and definitions of `text`, whose lines end with LF. `known` are definitions from before it. */
export function parse(text: string, known: Definitions): { blocks: Block[]; definitions: Definitions } {
  const lines = text.split('\n');
  const root = made('root', 0);
  let before = false;
  for (const [at, line] of lines.entries()) before = take(root, line, at, before);
  const definitions = new Map(known);
  define(root, definitions);
  const starts = [0, ...root.children.slice(1).map(({ line }) => line), lines.length];
  const blocks = root.children.map((open, at) => {
    const raw = lines.slice(starts[at], starts[at + 1]).join('\n') + (at < root.children.length - 1 ? '\n' : '');
    return { ...finished(open, definitions, true), raw };
  });
  return { blocks, definitions };
}

function made(kind: Kind, line: number): Open {
  return { kind, children: [], lines: [], line, indent: 0, mark: '', info: '', number: 0, loose: false, open: true };
}

/** Adds one line. `before`: the line before it was blank; returns whether this one is. */
function take(root: Open, line: string, at: number, before: boolean): boolean {
  let rest = line;
  const blank = () => rest.trim() === '';
  const path = [root];
  let tip = root;
  let deepest = root;
  for (let child = last(root); child?.open; child = last(child)) deepest = child;

  // Which of the open blocks does the line go on?
  for (let child = last(root); child?.open; child = last(child)) {
    if (child.kind === 'fence') {
      const closing = /^ {0,3}(`{3,}|~{3,})[ \t]*$/.exec(rest)?.[1];
      if (closing?.startsWith(child.mark)) child.open = false;
      else child.lines.push(rest.replace(new RegExp(`^ {0,${child.indent}}`), ''));
      return false;
    }
    rest = untabbed(rest);
    if (child.kind === 'quote') {
      if (!QUOTE.test(rest)) break;
      rest = rest.replace(QUOTE, '');
    } else if (child.kind === 'item') {
      if (blank()) {
        // Of an item that began with a blank line, a second one is the end.
        if (child.children.length === 0) break;
      } else if (indent(rest) < child.indent) break;
      rest = rest.slice(child.indent);
    } else if (child.kind === 'code') {
      if (!blank() && indent(rest) < 4) break;
      child.lines.push(rest.slice(4));
      return blank();
    } else if (child.kind !== 'list' && (blank() || child.kind === 'hr' || child.kind === 'heading')) break;
    path.push(child);
    tip = child;
  }
  if (blank()) {
    // A list goes on over blank lines, everything else that did not take them ends.
    for (const child of openIn(tip)) if (child.kind !== 'list') child.open = false;
    if (tip.kind === 'paragraph' || tip.kind === 'table') tip.open = false;
    return true;
  }

  // What does it begin?
  const lazy = deepest.kind === 'paragraph' && deepest !== tip ? deepest : null;
  let begun = false;
  const begin = (kind: Kind): Open => {
    const goesOn = kind === 'item' ? 'list' : 'root';
    while (LEAVES.has(tip.kind) && tip.kind !== goesOn) {
      path.pop();
      tip = path.at(-1) as Open;
    }
    for (const child of openIn(tip)) child.open = false;
    if (before && !begun && tip.children.length > 0) {
      if (tip.kind === 'list') tip.loose = true;
      else if (tip.kind === 'item') (path.at(-2) as Open).loose = true;
    }
    const child = made(kind, at);
    tip.children.push(child);
    path.push(child);
    tip = child;
    begun = true;
    return child;
  };
  for (;;) {
    rest = untabbed(rest);
    const paragraph = tip.kind === 'paragraph' ? tip : null;
    if (indent(rest) >= 4) {
      if (paragraph || (lazy && !begun)) break;
      begin('code').lines.push(rest.slice(4));
      return false;
    }
    let found: RegExpExecArray | null;
    if (QUOTE.test(rest)) {
      rest = rest.replace(QUOTE, '');
      begin('quote');
      if (blank()) return false;
      continue;
    }
    if ((found = HEADING.exec(rest))) {
      const heading = begin('heading');
      heading.number = (found[1] as string).length;
      heading.lines.push(rest.slice(found[0].length).replace(/(?:^|[ \t]+)#+[ \t]*$/, ''));
      return false;
    }
    if ((found = FENCE.exec(rest))) {
      const fence = begin('fence');
      [, , fence.mark = '', fence.info = ''] = found;
      fence.indent = (found[1] as string).length;
      return false;
    }
    if (paragraph && (found = UNDERLINE.exec(rest)) && !definition(paragraph.lines.at(-1) ?? '')) {
      paragraph.kind = 'heading';
      paragraph.number = found[1]?.startsWith('=') ? 1 : 2;
      return false;
    }
    if (RULE.test(rest)) {
      begin('hr');
      return false;
    }
    if ((found = MARKER.exec(rest))) {
      const [whole, , bullet, digits, end, gap = ''] = found;
      const empty = rest.length === whole.length;
      if (!(paragraph && (empty || (digits !== undefined && digits !== '1')))) {
        const mark = bullet ?? (end as string);
        if (tip.kind !== 'list' || tip.mark !== mark) {
          const list = begin('list');
          list.mark = mark;
          list.number = Number(digits ?? 0);
        }
        const item = begin('item');
        const wide = whole.length - gap.length;
        item.indent = empty || gap.length > 4 ? wide + 1 : whole.length;
        rest = rest.slice(empty ? rest.length : item.indent);
        if (blank()) return false;
        continue;
      }
    }
    if (paragraph && DELIMITERS.test(rest)) {
      const header = paragraph.lines.at(-1) ?? '';
      if (cells(header).length === cells(rest).length) {
        paragraph.lines.pop();
        if (paragraph.lines.length === 0) (path.at(-2) as Open).children.pop();
        before = false;
        const table = begin('table');
        // Definitions before it are its own: they are no paragraph.
        table.line = paragraph.lines.every(definition) ? paragraph.line : at - 1;
        table.lines.push(header, rest);
        return false;
      }
    }
    break;
  }

  // Where does the rest belong?
  if (lazy && !begun) {
    lazy.lines.push(rest.trimStart());
    return false;
  }
  if (tip.kind === 'table') tip.lines.push(rest);
  else if (tip.kind === 'paragraph') tip.lines.push(rest.trimStart());
  else begin('paragraph').lines.push(rest.trimStart());
  return false;
}

function last(block: Open): Open | undefined {
  return block.children.at(-1);
}

/** The open blocks inside this one. */
function openIn(block: Open): Open[] {
  const found: Open[] = [];
  for (let child = last(block); child?.open; child = last(child)) found.push(child);
  return found;
}

function indent(line: string): number {
  return line.length - line.trimStart().length;
}

/** With the tabs at its beginning made spaces. */
function untabbed(line: string): string {
  if (!/^ *\t/.test(line)) return line;
  let spaces = '';
  let at = 0;
  for (; line[at] === ' ' || line[at] === '\t'; at++) spaces += line[at] === ' ' ? ' ' : ' '.repeat(4 - (spaces.length % 4));
  return spaces + line.slice(at);
}

function definition(line: string): { label: string; href: string } | null {
  const found = DEFINITION.exec(line);
  return found ? { label: labelled(found[1] as string), href: decodeEntities(found[2] ?? found[3] ?? '') } : null;
}

/** Takes the definitions out of the beginnings of paragraphs; the first of a label counts. */
function define(block: Open, definitions: Definitions): void {
  block.children = block.children.filter((child) => {
    if (child.kind !== 'paragraph') {
      define(child, definitions);
      return true;
    }
    for (let found = definition(child.lines[0] ?? ''); found; found = definition(child.lines[0] ?? '')) {
      if (!definitions.has(found.label)) definitions.set(found.label, found.href);
      child.lines.shift();
    }
    return child.lines.length > 0;
  });
}

/** The block as it is shown. */
function finished(block: Open, definitions: Definitions, loose: boolean): Block {
  const { kind, children, lines, number, mark, info, open } = block;
  const inside = (text: string): Inline[] => inline(text, definitions);
  const raw = '';
  switch (kind) {
    case 'heading':
      return { raw, type: 'heading', depth: number, tokens: inside(lines.join('\n').trim()) };
    case 'code':
      return { raw, type: 'code', lang: '', text: lines.join('\n').trimEnd(), closed: true };
    case 'fence':
      return { raw, type: 'code', lang: decodeEntities(info.trim()), text: lines.join('\n'), closed: !open };
    case 'hr':
      return { raw, type: 'hr' };
    case 'quote':
      return { raw, type: 'quote', blocks: children.map((child) => finished(child, definitions, true)) };
    case 'list':
      return {
        raw,
        type: 'list',
        ordered: mark === '.' || mark === ')',
        start: number,
        items: children.map((item) => listed(item, definitions, block.loose)),
      };
    case 'table': {
      const [header = '', delimiters = '', ...rows] = lines;
      const align = cells(delimiters).map((cell): Align => {
        const [start, end] = [cell.startsWith(':'), cell.endsWith(':')];
        return end ? (start ? 'center' : 'right') : start ? 'left' : null;
      });
      const row = (line: string) => {
        const found = cells(line);
        return align.map((_, at) => inside(found[at] ?? ''));
      };
      return { raw, type: 'table', align, header: row(header), rows: rows.map(row) };
    }
    case 'root':
    case 'item':
    case 'paragraph':
      return { raw, type: 'paragraph', tokens: inside(lines.join('\n').trimEnd()), tight: !loose };
  }
}

function listed(item: Open, definitions: Definitions, loose: boolean): Item {
  const first = item.children[0];
  const task = first?.kind === 'paragraph' ? /^\[([ xX])\][ \t]+(?=\S)/.exec(first.lines[0] ?? '') : null;
  if (first && task) first.lines[0] = (task[1] === ' ' ? '☐ ' : '☑ ') + (first.lines[0] as string).slice(task[0].length);
  const blocks = item.children.map((child) => finished(child, definitions, loose));
  return { task: task !== null, blocks };
}

/** The cells of a table's line. */
function cells(line: string): string[] {
  const inner = line.trim().replace(/^\|/, '').replace(/((?:^|[^\\])(?:\\\\)*)\|$/, '$1');
  return inner.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll('\\|', '|'));
}
