import './page.css';

const site = decodeURIComponent(location.pathname.split('/')[2] ?? '');
document.body.append(`Tendril: ${site}`);
