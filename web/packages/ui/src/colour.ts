import hljs from 'highlight.js/lib/core';
import bash from 'highlight.js/lib/languages/bash';
import css from 'highlight.js/lib/languages/css';
import go from 'highlight.js/lib/languages/go';
import java from 'highlight.js/lib/languages/java';
import javascript from 'highlight.js/lib/languages/javascript';
import json from 'highlight.js/lib/languages/json';
import python from 'highlight.js/lib/languages/python';
import rust from 'highlight.js/lib/languages/rust';
import sql from 'highlight.js/lib/languages/sql';
import typescript from 'highlight.js/lib/languages/typescript';
import xml from 'highlight.js/lib/languages/xml';
import yaml from 'highlight.js/lib/languages/yaml';
import { h, type ComponentChildren } from 'preact';

/** Colours of code, fetched with the first closed fence of a language that is known here. */

const LANGUAGES = { bash, css, go, java, javascript, json, python, rust, sql, typescript, xml, yaml };
for (const [name, language] of Object.entries(LANGUAGES)) hljs.registerLanguage(name, language);

/** More is shown plain: the page must not stand still. Characters. */
const MOST = 20_000;

/** A node of highlight.js' own tree of tokens. */
interface Node {
  scope?: string;
  children: (Node | string)[];
}

/** The code as virtual nodes; null when it stays plain. No HTML string is made of it. */
export function colour(code: string, lang: string): ComponentChildren {
  if (code.length > MOST || !hljs.getLanguage(lang)) return null;
  const { _emitter: emitter } = hljs.highlight(code, { language: lang, ignoreIllegals: true });
  return (emitter as unknown as { rootNode: Node }).rootNode.children.map(nodes);
}

function nodes(node: Node | string): ComponentChildren {
  if (typeof node === 'string') return node;
  const inside = node.children.map(nodes);
  // `title.function` and the like: the first word decides.
  const scope = node.scope?.split('.')[0];
  return scope === undefined || node.scope?.startsWith('language:') ? inside : h('span', { class: `c-${scope}` }, inside);
}
