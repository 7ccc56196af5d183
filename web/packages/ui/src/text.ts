import en from './strings/en.json';
import type enMore from './strings/en-more.json';

/** What the page can say. */
export type TextKey = keyof typeof en | keyof typeof enMore;
export type Vars = Record<string, string | number>;

/** A text that is chosen now and put into words when it is shown. */
export interface Said {
  key: TextKey;
  vars?: Vars;
}

type Words = Record<TextKey, string>;

/** Languages by tag, each fetched when it is wanted, with the name that its speakers give it. */
export const LANGUAGES = { en: 'English', de: 'Deutsch', es: 'Español', ja: '日本語', ar: 'العربية' } as const;
export type Language = keyof typeof LANGUAGES;

const OTHERS: Record<Exclude<Language, 'en'>, () => Promise<{ default: unknown }>> = {
  de: () => import('./strings/de.json'),
  es: () => import('./strings/es.json'),
  ja: () => import('./strings/ja.json'),
  ar: () => import('./strings/ar.json'),
};

/** English is here from the start, but for the words of `more.ts`, which that brings along. */
const english = en as Words;
let words = english;
let tag = 'en';
let language: Language = 'en';

/** The first of the wanted tags that we speak; `en` if none. The tag keeps its region for dates. */
export function choose(wanted: readonly string[]): { language: Language; tag: string } {
  for (const one of wanted) {
    const base = one.toLowerCase().split('-')[0] as Language;
    if (base in LANGUAGES) return { language: base, tag: one };
  }
  return { language: 'en', tag: 'en' };
}

/** Speaks the first known of these languages from now on; English when its words cannot be fetched. */
export async function speak(wanted: readonly string[]): Promise<void> {
  const choice = choose(wanted);
  let found = english;
  try {
    if (choice.language !== 'en') found = (await OTHERS[choice.language]()).default as Words;
  } catch {
    choice.language = 'en';
  }
  ({ language, tag } = choice);
  words = found;
}

/** Takes the English words that were fetched later. */
export function learn(later: Partial<Words>): void {
  Object.assign(english, later);
}

/** What is spoken now, and in which direction it is written. */
export function spoken(): { lang: Language; dir: 'ltr' | 'rtl' } {
  return { lang: language, dir: language === 'ar' ? 'rtl' : 'ltr' };
}

/** In the visitor's language. Unknown variables stay visible, so that a test can see them. */
export function t(key: TextKey, vars: Vars = {}): string {
  return words[key].replace(/\{(\w+)\}/g, (whole, name: string) => String(vars[name] ?? whole));
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
  return new Intl.DateTimeFormat(tag, style).format(date);
}

/** A span of seconds, rounded up. */
export function waitText(seconds: number): string {
  return seconds < 90
    ? t('wait.seconds', { n: number(Math.max(1, Math.ceil(seconds))) })
    : t('wait.minutes', { n: number(Math.ceil(seconds / 60)) });
}

export function number(n: number): string {
  return new Intl.NumberFormat(tag).format(n);
}
