import type { ComponentChildren, VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { GrowingBlocks } from './blocks';
import { safeHref } from './links';
import type { Align, Block as Token, Inline as Piece } from './tokens';

/** What the page says inside rendered markdown, in the visitor's language. */
export interface MarkdownLabels {
  copy: string;
  copied: string;
  /** Before the alternative text of an image, which is never loaded. */
  image: string;
  table: string;
  code: string;
  /** Colours code; null leaves it plain. Asked for closed blocks that name a language. */
  colour?: (code: string, lang: string) => Promise<ComponentChildren>;
}

export interface MarkdownProps {
  text: string;
  /** Nothing will be added: references defined late are resolved now. */
  finished: boolean;
  labels: MarkdownLabels;
}

/**
 * Markdown as virtual nodes: no HTML string exists anywhere, so there is nothing to sanitise. HTML in
 * the text is shown as text, images as links, and links only go where `safeHref` allows.
 */
export function Markdown({ text, finished, labels }: MarkdownProps): VNode {
  const state = useRef<{ blocks: GrowingBlocks; nodes: WeakMap<Token, VNode> } | null>(null);
  state.current ??= { blocks: new GrowingBlocks(), nodes: new WeakMap() };
  const { blocks, nodes } = state.current;
  const shown = blocks.update(text, finished);
  return (
    <div class="md">
      {shown.map((token, at) => {
        // The same virtual node again makes Preact skip the block.
        let node = nodes.get(token);
        if (node === undefined || node.key !== at) {
          node = <Block key={at} token={token} labels={labels} />;
          nodes.set(token, node);
        }
        return node;
      })}
    </div>
  );
}

interface BlockProps {
  token: Token;
  labels: MarkdownLabels;
  /** In a quote or a list: `dir="auto"` there looks past whatever has a direction of its own. */
  nested?: boolean;
}

function Block({ token, labels, nested }: BlockProps): VNode {
  switch (token.type) {
    case 'heading': {
      // The page has the first level, the message the second.
      const Tag = `h${Math.min(6, token.depth + 2)}` as 'h3';
      return (
        <Tag dir="auto" class={`h${token.depth}`}>
          {inlines(token.tokens, labels)}
        </Tag>
      );
    }
    case 'paragraph':
      return token.tight ? <>{inlines(token.tokens, labels)}</> : <p dir={nested ? undefined : 'auto'}>{inlines(token.tokens, labels)}</p>;
    case 'code':
      return <CodeBlock text={token.text} lang={token.lang} closed={token.closed} labels={labels} />;
    case 'quote':
      return <blockquote dir="auto">{inner(token.blocks, labels)}</blockquote>;
    case 'list': {
      const items = token.items.map((item, at) => (
        <li key={at} dir="auto" class={item.task ? 'task' : undefined}>
          {inner(item.blocks, labels)}
        </li>
      ));
      return token.ordered ? <ol start={token.start}>{items}</ol> : <ul>{items}</ul>;
    }
    case 'table':
      return (
        // A wide table scrolls inside the message; focusable so that keys can scroll it too.
        <div class="scroll" role="region" aria-label={labels.table} tabIndex={0}>
          <table>
            <thead>
              <tr>{token.header.map(cell('th', token.align, labels))}</tr>
            </thead>
            <tbody>
              {token.rows.map((row, at) => (
                <tr key={at}>{row.map(cell('td', token.align, labels))}</tr>
              ))}
            </tbody>
          </table>
        </div>
      );
    case 'hr':
      return <hr />;
  }
}

function inner(tokens: Token[], labels: MarkdownLabels): VNode[] {
  return tokens.map((token, at) => <Block key={at} token={token} labels={labels} nested />);
}

function cell(Tag: 'th' | 'td', align: Align[], labels: MarkdownLabels) {
  return (tokens: Piece[], at: number): VNode => (
    <Tag key={at} dir="auto" class={align[at] == null ? undefined : `to-${align[at]}`}>
      {inlines(tokens, labels)}
    </Tag>
  );
}

function CodeBlock({ text, lang, closed, labels }: { text: string; lang: string; closed: boolean; labels: MarkdownLabels }): VNode {
  const [copied, setCopied] = useState(false);
  const [colours, setColours] = useState<{ text: string; nodes: ComponentChildren } | null>(null);
  const name = /^[\w+#.-]{1,24}/.exec(lang)?.[0] ?? '';
  useEffect(() => {
    if (closed && name !== '') labels.colour?.(text, name).then((nodes) => setColours({ text, nodes }), () => {});
    // The labels are the same words each time.
  }, [closed, name, text]);
  const copy = () => {
    navigator.clipboard.writeText(text).then(
      () => {
        setCopied(true);
        setTimeout(() => setCopied(false), 2_000);
      },
      () => {},
    );
  };
  return (
    <div class="code" dir="ltr">
      <div class="bar">
        <span>{name}</span>
        <button type="button" class="quiet" onClick={copy}>
          {copied ? labels.copied : labels.copy}
        </button>
      </div>
      <pre tabIndex={0} role="region" aria-label={name === '' ? labels.code : `${labels.code}: ${name}`}>
        <code>{(colours?.text === text && colours.nodes) || text}</code>
      </pre>
    </div>
  );
}

function inlines(tokens: Piece[], labels: MarkdownLabels): ComponentChildren {
  return tokens.map((token) => {
    if (typeof token === 'string') return token;
    switch (token.type) {
      case 'br':
        return <br />;
      case 'code':
        return <code dir="ltr">{token.text}</code>;
      case 'link':
        return <SafeLink href={token.href}>{inlines(token.tokens, labels)}</SafeLink>;
      case 'image':
        return (
          <SafeLink href={token.href}>
            {labels.image} {inlines(token.tokens, labels)}
          </SafeLink>
        );
      default: {
        const Tag = token.type;
        return <Tag>{inlines(token.tokens, labels)}</Tag>;
      }
    }
  });
}

/** A link where the address is allowed, else its text alone. */
export function SafeLink({ href, children }: { href: string; children: ComponentChildren }): VNode {
  const safe = safeHref(href);
  if (safe === null) return <span>{children}</span>;
  return (
    <a href={safe} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  );
}
