import en from './strings/en.json';

/** What the page can say. */
export type TextKey = keyof typeof en;
export type Vars = Record<string, string | number>;

/** A text that is chosen now and put into words when it is shown. */
export interface Said {
  key: TextKey;
  vars?: Vars;
}

/** In the visitor's language. Unknown variables stay visible, so that a test can see them. */
export function t(key: TextKey, vars: Vars = {}): string {
  return en[key].replace(/\{(\w+)\}/g, (whole, name: string) => String(vars[name] ?? whole));
}

export function say(said: Said): string {
  return t(said.key, said.vars);
}

/** A time of today as a time, of another day with its date. */
export function shortTime(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return '';
  const today = date.toDateString() === new Date().toDateString();
  const style: Intl.DateTimeFormatOptions = today
    ? { hour: 'numeric', minute: '2-digit' }
    : { day: 'numeric', month: 'short', hour: 'numeric', minute: '2-digit' };
  return new Intl.DateTimeFormat(undefined, style).format(date);
}

/** A span of seconds, rounded up. */
export function waitText(seconds: number): string {
  return seconds < 90
    ? t('wait.seconds', { n: Math.max(1, Math.ceil(seconds)) })
    : t('wait.minutes', { n: Math.ceil(seconds / 60) });
}

export function number(n: number): string {
  return new Intl.NumberFormat().format(n);
}
