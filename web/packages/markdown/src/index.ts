/** Markdown for answers: parsed while it grows, rendered as virtual nodes, safe by construction. */
export { GrowingBlocks, lex } from './blocks';
export { decodeEntities, safeHref } from './links';
export { plainText } from './plain';
export { Markdown, SafeLink, type MarkdownLabels, type MarkdownProps } from './render';
