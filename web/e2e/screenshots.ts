import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from '@playwright/test';
import { ask, composer, expect, finished, midAnswer, signIn, test, type Tendril } from './tendril';

const images = fileURLToPath(new URL('../../docs/images/', import.meta.url));

async function open(browser: Browser, options: BrowserContextOptions): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1100, height: 760 }, locale: 'en-GB', ...options });
  return context.newPage();
}

async function shoot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: `${images}${name}.png`, animations: 'disabled' });
  await page.context().close();
}

async function answered(page: Page, tendril: Tendril, question: string): Promise<void> {
  await signIn(page, tendril);
  await ask(page, question);
  await expect(finished(page)).toHaveCount(1, { timeout: 40_000 });
  await page.getByRole('log').evaluate((log) => log.scrollTo({ top: 0 }));
  await composer(page).blur();
}

test('gate', async ({ browser, tendril }) => {
  const page = await open(browser, {});
  await page.goto(tendril.page);
  await page.getByLabel('Access code').fill('K7Q2-9XPM4-T3H8D-WZ5RC');
  await shoot(page, 'gate');
});

test('chat', async ({ browser, tendril }) => {
  const page = await open(browser, {});
  await answered(page, tendril, 'Which model can answer, and how do I plug one in?');
  await shoot(page, 'chat');
});

test('streaming', async ({ browser, tendril }) => {
  const page = await open(browser, {});
  await signIn(page, tendril);
  await ask(page, 'How does an answer travel from the worker to the page?');
  await midAnswer(page, 120);
  await shoot(page, 'streaming');
});

test('dark', async ({ browser, tendril }) => {
  const page = await open(browser, { colorScheme: 'dark' });
  await answered(page, tendril, 'How do I put the chat on my website?');
  await shoot(page, 'dark');
});

test('mobile', async ({ browser, tendril }) => {
  const page = await open(browser, { viewport: { width: 390, height: 780 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true });
  await answered(page, tendril, 'What is Tendril good for?');
  await shoot(page, 'mobile');
});

test('empty', async ({ browser, tendril }) => {
  const page = await open(browser, {});
  await signIn(page, tendril);
  await composer(page).blur();
  await shoot(page, 'empty');
});
