import './page.css';
import { mount } from './element';

// The hosted page, /c/{site}.
const site = decodeURIComponent(location.pathname.split('/')[2] ?? '');
const host = document.createElement('tendril-chat');
document.body.append(host);
mount(host, { base: location.origin, site, onTitle: (title) => (document.title = title) });
