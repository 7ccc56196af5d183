import './page.css';
import { showShared } from '@tendril/ui/shared';

// The page of a shared chat, /s/{token}.
const host = document.createElement('tendril-chat');
document.body.append(host);
showShared(host, {
  base: location.origin,
  token: location.pathname.split('/')[2] ?? '',
  lang: new URLSearchParams(location.search).get('lang') ?? undefined,
  onTitle: (title) => (document.title = title),
  onLanguage: (lang, dir) => Object.assign(document.documentElement, { lang, dir }),
});
