import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { test as base, expect, type Locator, type Page } from '@playwright/test';

/** The real thing, as `./tendril up` starts it, with the built-in guide as its model. */
export interface Tendril {
  url: string;
  site: string;
  page: string;
  accessCode: string;
  dataDir: string;
  /** The processes of now: they change when one was killed and started again. */
  pids(): Promise<{ supervisor: number; relay: number; worker: number; postgres: number }>;
}

const root = fileURLToPath(new URL('../..', import.meta.url));

async function start(dataDir: string, model: string[]): Promise<{ tendril: Tendril; process: ChildProcess }> {
  const env = { ...process.env };
  for (const name of Object.keys(env)) if (name.startsWith('TENDRIL_')) delete env[name];
  // A killed worker is missed after this time instead of 30 s; nothing else differs.
  env['TENDRIL_LEASE'] = '8s';
  const child = spawn(join(root, 'tendril'), ['up', '--json', '--no-browser', '--port', '0', '--data-dir', dataDir, ...model], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (bytes: Buffer) => (said = (said + bytes.toString()).slice(-4_000)));
  const lines = createInterface({ input: child.stdout });
  const line = await new Promise<string>((resolve, reject) => {
    lines.once('line', resolve);
    child.once('exit', (code) => reject(new Error(`./tendril up ended with ${code}: ${said}`)));
  });
  const ready = JSON.parse(line) as Omit<Tendril, 'pids'>;
  const pids = async () => {
    const state = JSON.parse(await readFile(join(dataDir, 'up.json'), 'utf8')) as { pids: Awaited<ReturnType<Tendril['pids']>> };
    return state.pids;
  };
  return { tendril: { ...ready, pids }, process: child };
}

/** A Tendril of one's own while `work` lasts. `model`: options of `up` that choose what answers. */
export async function running(model: string[], work: (tendril: Tendril) => Promise<void>): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tendril-e2e-'));
  const { tendril, process: child } = await start(dataDir, model);
  try {
    await work(tendril);
  } finally {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
    if (!process.env['KEEP']) await rm(dataDir, { recursive: true, force: true });
  }
}

/** What a page does that a test wants to know afterwards. */
export interface Watched {
  /** Violations of the content security policy. */
  violations: string[];
  /** Errors that no code caught. */
  errors: string[];
  /** Addresses outside the relay that were asked for. */
  foreign: string[];
  /** Bearer token and chat of the latest call. */
  token: string;
  chat: string;
}

export const test = base.extend<{ watched: Watched }, { tendril: Tendril }>({
  tendril: [
    async ({}, use) => {
      // Not an Ollama that happens to run here: what answers must be the same everywhere.
      await running(['--model', 'guide'], async (tendril) => {
        await writeFile(join(tendril.dataDir, 'worker', 'content', 'tale.md'), TALE);
        await use(tendril);
      });
    },
    { scope: 'worker', timeout: 600_000 },
  ],
  watched: async ({ page, tendril }, use) => {
    const watched = await watch(page, tendril);
    await use(watched);
    expect(watched.violations, 'content security policy').toEqual([]);
    expect(watched.errors, 'uncaught errors').toEqual([]);
    expect(watched.foreign, 'requests to others').toEqual([]);
  },
});

export async function watch(page: Page, tendril: Tendril): Promise<Watched> {
  const watched: Watched = { violations: [], errors: [], foreign: [], token: '', chat: '' };
  page.on('pageerror', (error) => watched.errors.push(error.message));
  page.on('console', (message) => {
    const text = message.text();
    if (text.startsWith('violation ')) watched.violations.push(text);
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(tendril.url)) watched.foreign.push(request.url());
    const token = request.headers()['authorization'];
    if (token) watched.token = token;
    const chat = /\/api\/v1\/chats\/([^/?]+)/.exec(request.url())?.[1];
    if (chat) watched.chat = chat;
  });
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      console.log(`violation ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
    });
  });
  return watched;
}

/** A question about the bundled pages; its answer takes about two seconds. */
export const QUESTION = 'What is Tendril and what is it good for?';

/** A question about a page of the tests' own, whose answer takes long enough to be interrupted on a slow machine too. */
export const LONG_QUESTION = 'Tell me the tale of the patient vine';

const TALE = `---
title: The tale of the patient vine
---
The tale of the patient vine, as it is told. ${Array.from(
  { length: 30 },
  (_, day) => `On day ${day + 1} the patient vine felt along the *wall*, found a **ledge**, and held on.`,
).join(' ')}
`;

export async function signIn(page: Page, tendril: Tendril): Promise<void> {
  await page.goto(tendril.page);
  await page.getByLabel('Access code').fill(tendril.accessCode);
  const [response] = await Promise.all([page.waitForResponse(/\/sessions$/), page.keyboard.press('Enter')]);
  expect(response.status(), await response.text()).toBe(201);
  await composer(page).waitFor();
}

export const composer = (page: Page): Locator => page.getByLabel('Your message');
export const questions = (page: Page): Locator => page.locator('article.question');
export const answers = (page: Page): Locator => page.locator('article.answer');
export const finished = (page: Page): Locator => page.locator('article.answer.done');

export async function ask(page: Page, text: string): Promise<void> {
  await composer(page).fill(text);
  await composer(page).press('Enter');
}

/** Waits until some words of the last answer stand there, and it is not finished. */
export async function midAnswer(page: Page, characters = 20): Promise<void> {
  const words = page.locator('article.answer.writing .md').last();
  await words.waitFor();
  await expect.poll(async () => (await words.textContent())?.length ?? 0, { intervals: [20] }).toBeGreaterThan(characters);
  await expect(answers(page).last()).toHaveClass(/writing/);
}

export interface Stored {
  id: string;
  role: string;
  parts: { type: string; text?: string }[];
  metadata?: { state?: string };
}

/** What the relay has stored of the page's chat. */
export async function stored(tendril: Tendril, watched: Watched): Promise<Stored[]> {
  const response = await fetch(`${tendril.url}/api/v1/chats/${watched.chat}/messages?limit=100`, {
    headers: { Authorization: watched.token },
  });
  expect(response.status).toBe(200);
  return ((await response.json()) as { messages: Stored[] }).messages;
}

export function markdownOf(message: Stored | undefined): string {
  return (message?.parts ?? []).map((part) => (part.type === 'text' ? (part.text ?? '') : '')).join('');
}

/**
 * The words that a markdown text shows, found without our renderer: marked makes HTML of it, and the
 * browser reads that.
 */
export async function wordsOf(page: Page, markdown: string): Promise<string> {
  const { marked } = await import('marked');
  const html = await marked.parse(markdown);
  const blank = await page.context().newPage();
  const words = await blank.evaluate((text) => new DOMParser().parseFromString(text, 'text/html').body.textContent ?? '', html);
  await blank.close();
  return squeeze(words);
}

/** The words that the page shows of an answer. */
export async function wordsShown(answer: Locator): Promise<string> {
  const texts = await answer.locator('.md').evaluateAll((all) =>
    all.map((md) => {
      const copy = md.cloneNode(true) as HTMLElement;
      for (const bar of copy.querySelectorAll('.bar')) bar.remove();
      return copy.textContent ?? '';
    }),
  );
  return squeeze(texts.join(''));
}

/** Without white space, which HTML and its source lay out differently. */
function squeeze(text: string): string {
  return text.replace(/\s+/g, '');
}

export { expect };
