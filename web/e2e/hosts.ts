/** A page of somebody else's with the embed in it. */
export function host(url: string, attributes = '', style = ''): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Host</title>${style}</head>
    <body><h1>A host page</h1><p>With words of its own and <a href="/elsewhere">a link</a>.</p>
    <script async src="${url}/widget.js" data-site="home" ${attributes}></script></body></html>`;
}

/** Styles of pages that mean no good. */
export const HOSTILE = {
  resets: `<style>*,*::before,*::after{all:unset!important} tendril-widget{display:none}</style>`,
  shouting: `<style>*{font:900 40px/1 serif!important;color:lime!important;background:#f0f!important;text-transform:uppercase!important;transform:rotate(1deg);filter:invert(1)} button,dialog,div,p{position:static!important;display:inline!important;border:9px solid red!important} html{font-size:40px}</style>`,
  'z-index': `<style>body::before{content:'';position:fixed;inset:0;z-index:2147483646;background:rgb(255 200 0 / 60%)} header{position:fixed;inset:auto 0 0 0;z-index:2147483647;height:60px;background:#246}</style>`,
};
