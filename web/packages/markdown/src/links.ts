/**
 * The only addresses that an answer may link to: absolute http, https and mailto. Everything else is
 * shown as text: script and data addresses, `//host`, relative paths (they would mean the embedding
 * page), and addresses with a user name, which only ever disguise the host.
 */
export function safeHref(raw: string): string | null {
  let url: URL;
  try {
    url = new URL(raw);
  } catch {
    return null;
  }
  switch (url.protocol) {
    case 'http:':
    case 'https:':
      return url.username === '' && url.password === '' && url.hostname !== '' ? url.href : null;
    case 'mailto:':
      return url.href;
    default:
      return null;
  }
}

const NAMED: Record<string, string> = {
  amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0', hellip: '…', mdash: '—', ndash: '–', copy: '©', rarr: '→',
}; // prettier-ignore

/** Resolves character references, which the lexer leaves in place. Unknown names stay as they are. */
export function decodeEntities(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(?:#(\d{1,7})|#[xX]([\da-fA-F]{1,6})|([a-zA-Z]{2,8}));/g, (whole, dec, hex, name) => {
    if (name !== undefined) return NAMED[name] ?? whole;
    const code = dec === undefined ? Number.parseInt(hex, 16) : Number(dec);
    return code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? '\ufffd' : String.fromCodePoint(code);
  });
}
