import type { MarkedToken, Token, Tokens } from 'marked';
import type { ComponentChildren, VNode } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { GrowingBlocks } from './blocks';
import { decodeEntities, safeHref } from './links';

/** What the page says inside rendered markdown, in the visitor's language. */
export interface MarkdownLabels {
  copy: string;
  copied: string;
  /** Before the alternative text of an image, which is never loaded. */
  image: string;
  table: string;
  code: string;
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
  const shown = blocks.update(text, finished).filter((token) => token.type !== 'space' && token.type !== 'def');
  return (
    <div class="md">
      {shown.map((token, at) => {
        // The same virtual node again makes Preact skip the block.
        let node = nodes.get(token);
        if (node === undefined || node.key !== at) {
          node = <Block key={at} token={token as MarkedToken} labels={labels} />;
          nodes.set(token, node);
        }
        return node;
      })}
    </div>
  );
}

interface BlockProps {
  token: MarkedToken;
  labels: MarkdownLabels;
}

function Block({ token, labels }: BlockProps): VNode | null {
  switch (token.type) {
    case 'heading': {
      // The page has the first level, the message the second.
      const Tag = `h${Math.min(6, token.depth + 2)}` as 'h3';
      return (
        <Tag dir="auto" class={`h${token.depth}`}>
          <Inline tokens={token.tokens} labels={labels} />
        </Tag>
      );
    }
    case 'paragraph':
      return (
        <p dir="auto">
          <Inline tokens={token.tokens} labels={labels} />
        </p>
      );
    case 'text':
      return <>{token.tokens ? <Inline tokens={token.tokens} labels={labels} /> : decodeEntities(token.text)}</>;
    case 'code':
      return <CodeBlock text={token.text} lang={token.lang ?? ''} labels={labels} />;
    case 'blockquote':
      return (
        <blockquote dir="auto">
          <Blocks tokens={token.tokens} labels={labels} />
        </blockquote>
      );
    case 'list':
      return <List token={token} labels={labels} />;
    case 'table':
      return <Table token={token} labels={labels} />;
    case 'hr':
      return <hr />;
    case 'html':
      return (
        <p dir="auto" class="raw">
          {token.raw.trim()}
        </p>
      );
    case 'space':
    case 'def':
      return null;
    default:
      return <InlineToken token={token} labels={labels} />;
  }
}

function Blocks({ tokens, labels }: { tokens: Token[]; labels: MarkdownLabels }): VNode {
  return (
    <>
      {tokens.map((token, at) => (
        <Block key={at} token={token as MarkedToken} labels={labels} />
      ))}
    </>
  );
}

function List({ token, labels }: { token: Tokens.List; labels: MarkdownLabels }): VNode {
  const items = token.items.map((item, at) => (
    <li key={at} dir="auto" class={item.task ? 'task' : undefined}>
      <Blocks tokens={item.tokens} labels={labels} />
    </li>
  ));
  if (!token.ordered) return <ul>{items}</ul>;
  return <ol start={token.start === '' ? 1 : token.start}>{items}</ol>;
}

function Table({ token, labels }: { token: Tokens.Table; labels: MarkdownLabels }): VNode {
  const cell = (Tag: 'th' | 'td') => (it: Tokens.TableCell, at: number) => (
    <Tag key={at} dir="auto" class={it.align === null ? undefined : `to-${it.align}`}>
      <Inline tokens={it.tokens} labels={labels} />
    </Tag>
  );
  return (
    // A wide table scrolls inside the message; focusable so that keys can scroll it too.
    <div class="scroll" role="region" aria-label={labels.table} tabIndex={0}>
      <table>
        <thead>
          <tr>{token.header.map(cell('th'))}</tr>
        </thead>
        <tbody>
          {token.rows.map((row, at) => (
            <tr key={at}>{row.map(cell('td'))}</tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function CodeBlock({ text, lang, labels }: { text: string; lang: string; labels: MarkdownLabels }): VNode {
  const [copied, setCopied] = useState(false);
  const name = /^[\w+#.-]{1,24}/.exec(lang)?.[0] ?? '';
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
        <code>{text}</code>
      </pre>
    </div>
  );
}

function Inline({ tokens, labels }: { tokens: Token[]; labels: MarkdownLabels }): VNode {
  return (
    <>
      {tokens.map((token, at) => (
        <InlineToken key={at} token={token as MarkedToken} labels={labels} />
      ))}
    </>
  );
}

function InlineToken({ token, labels }: BlockProps): VNode | null {
  switch (token.type) {
    case 'strong':
      return (
        <strong>
          <Inline tokens={token.tokens} labels={labels} />
        </strong>
      );
    case 'em':
      return (
        <em>
          <Inline tokens={token.tokens} labels={labels} />
        </em>
      );
    case 'del':
      return (
        <del>
          <Inline tokens={token.tokens} labels={labels} />
        </del>
      );
    case 'codespan':
      return <code dir="ltr">{token.text}</code>;
    case 'br':
      return <br />;
    case 'link':
      return (
        <SafeLink href={token.autolink ? token.href : decodeEntities(token.href)}>
          {token.autolink ? token.text : <Inline tokens={token.tokens} labels={labels} />}
        </SafeLink>
      );
    case 'image':
      return (
        <SafeLink href={decodeEntities(token.href)}>
          {labels.image} {decodeEntities(token.text)}
        </SafeLink>
      );
    case 'checkbox':
      return <>{token.checked ? '☑ ' : '☐ '}</>;
    case 'escape':
      return <>{token.text}</>;
    case 'html':
      return <>{token.raw}</>;
    case 'text':
      return <>{token.tokens ? <Inline tokens={token.tokens} labels={labels} /> : decodeEntities(token.text)}</>;
    default:
      return <>{token.raw}</>;
  }
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
