import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { LONG_QUESTION, answers, ask, composer, expect, finished, midAnswer, signIn, test } from './tendril';

/** No serious or critical finding in what is on the screen now. */
async function clean(page: Page, state: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  expect(grave.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`), state).toEqual([]);
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds nothing grave, ${colorScheme}`, async ({ page, tendril, watched }) => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.goto(tendril.page);
    await page.getByLabel('Access code').waitFor();
    await clean(page, 'gate');
    await page.getByLabel('Access code').fill('nonsense');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').waitFor();
    await clean(page, 'gate with an error');
    await signIn(page, tendril);
    await clean(page, 'empty chat');
    await ask(page, LONG_QUESTION);
    await midAnswer(page);
    await clean(page, 'streaming');
    await expect(finished(page)).toHaveCount(1, { timeout: 40_000 });
    await clean(page, 'answered');
    await composer(page).fill('x'.repeat(4_001));
    await clean(page, 'too long');
    expect(watched.errors).toEqual([]);
  });
}

test('a finished answer is announced once, a growing one never', async ({ page, tendril, watched }) => {
  await signIn(page, tendril);
  await page.evaluate(() => {
    const root = document.querySelector('tendril-chat')?.shadowRoot as ShadowRoot;
    const said: string[] = [];
    Object.assign(window, { said });
    const live = [...root.querySelectorAll('[role=status], [aria-live]:not([aria-live=off]), [role=alert]')];
    for (const region of live) {
      new MutationObserver(() => said.push(region.textContent ?? '')).observe(region, { childList: true, characterData: true, subtree: true });
    }
  });
  await expect(page.getByRole('log')).toHaveAttribute('aria-live', 'off');
  await ask(page, LONG_QUESTION);
  await expect(finished(page)).toHaveCount(1, { timeout: 40_000 });
  const said = await page.evaluate(() => (window as unknown as { said: string[] }).said);
  expect(said.map((text) => text.slice(0, 10))).toEqual(['The answer', 'Answer 1: ']);
  expect(watched.errors).toEqual([]);
});

test('a phone: nothing overflows, targets are large, the text does not zoom', async ({ browser, tendril }) => {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  const page = await context.newPage();
  await signIn(page, tendril);
  await ask(page, 'Show me the script tag that embeds the widget, and how to run the worker on another machine');
  await expect(finished(page)).toHaveCount(1, { timeout: 40_000 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  expect(await page.getByRole('log').evaluate((log) => log.scrollWidth - log.clientWidth)).toBe(0);
  for (const button of await page.locator('header button, form button').all()) {
    const box = await button.boundingBox();
    expect(Math.min(box?.width ?? 0, box?.height ?? 0), await button.getAttribute('aria-label') ?? '').toBeGreaterThanOrEqual(44);
  }
  const size = await composer(page).evaluate((field) => Number.parseFloat(getComputedStyle(field).fontSize));
  expect(size).toBeGreaterThanOrEqual(16);
  await context.close();
});

test('everything by keyboard', async ({ page, tendril, watched }) => {
  await page.goto(tendril.page);
  await expect(page.getByLabel('Access code')).toBeFocused();
  await page.keyboard.type(tendril.accessCode);
  await page.keyboard.press('Enter');
  await expect(composer(page)).toBeFocused();
  await page.keyboard.type('First line');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('What is the relay?');
  await expect(composer(page)).toHaveValue('First line\nWhat is the relay?');
  await page.keyboard.press('Enter');
  await midAnswer(page, 1);
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Attach images' })).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Stop the answer' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(answers(page).first()).toHaveClass(/stopped/);
  await page.getByRole('button', { name: 'New chat' }).focus();
  await page.keyboard.press('Enter');
  await expect(answers(page)).toHaveCount(0);
  expect(watched.errors).toEqual([]);
});

test('the embed: nothing before the first touch, Esc closes it, the focus goes back', async ({ page, tendril }) => {
  const host = `${tendril.url}/health/live`;
  const requests: string[] = [];
  page.on('request', (request) => requests.push(new URL(request.url()).pathname));
  await page.route(host, (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: `<!doctype html><html lang="en"><title>Host</title><h1>Host</h1><script async src="/widget.js" data-site="${tendril.site}"></script>`,
    }),
  );
  await page.goto(host);
  const launcher = page.getByRole('button', { name: 'Open the chat' });
  await launcher.waitFor();
  expect(requests).toEqual(['/health/live', '/widget.js']);
  expect(await page.evaluate(() => document.activeElement === document.body)).toBe(true);
  expect(await page.evaluate(() => JSON.stringify(sessionStorage) + JSON.stringify(localStorage) + document.cookie)).toBe('{}{}');
  await launcher.click();
  await page.getByLabel('Access code').fill(tendril.accessCode);
  await page.keyboard.press('Enter');
  await ask(page, 'What is the relay?');
  await expect(finished(page)).toHaveCount(1, { timeout: 40_000 });
  await clean(page, 'embed');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
  await expect(launcher).toBeFocused();
  await expect(launcher).toHaveAttribute('aria-expanded', 'false');
});
