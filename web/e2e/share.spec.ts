import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { ask, expect, finished, signIn, test, watch } from './tendril';

const menu = (page: Page) => page.getByRole('button', { name: 'Chats and settings' });

/** Nothing serious for axe. */
async function accessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const bad = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  expect(bad.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
}

test('a link shows the chat as it was, to somebody else, until it is taken back', async ({ page, browser, tendril, watched }) => {
  await signIn(page, tendril);
  await ask(page, 'What is the relay?');
  await expect(finished(page)).toHaveCount(1, { timeout: 40_000 });
  await menu(page).click();
  await page.getByText('Share a link').click();
  await page.getByLabel('The link ends after').selectOption('7');
  await page.getByRole('button', { name: 'Create the link' }).click();
  const field = page.getByLabel('Link to this chat');
  await expect(field).toBeFocused();
  const link = await field.inputValue();
  expect(link).toMatch(new RegExp(`^${tendril.url}/s/[A-Za-z0-9_-]{22}$`));
  await expect(page.locator('.links li')).toHaveCount(1);
  if (process.env['SHOTS']) await page.screenshot({ path: `${process.env['SHOTS']}/drawer.png` });
  await accessible(page);
  await page.keyboard.press('Escape');
  await ask(page, 'How do I put the chat on my website?');
  await expect(finished(page)).toHaveCount(2, { timeout: 40_000 });

  // Somebody else, who has nothing but the link.
  const context = await browser.newContext({ locale: 'de-DE', viewport: { width: 900, height: 700 } });
  const reader = await context.newPage();
  const seen = await watch(reader, tendril);
  const response = await reader.goto(link);
  expect(response?.headers()['x-robots-tag']).toContain('noindex');
  expect(response?.headers()['cache-control']).toBe('private, no-store');
  await expect(reader.locator('article.question')).toHaveText(/What is the relay\?/);
  await expect(reader.locator('article')).toHaveCount(2);
  const shown = reader.locator('article.answer .md');
  expect(await shown.innerText()).toBe(await finished(page).first().locator('.md').innerText());
  await expect(reader.getByText('Geteilt:')).toBeVisible();
  await expect(reader.locator('html')).toHaveAttribute('lang', 'de');
  await expect(reader.locator('meta[name=robots]')).toHaveAttribute('content', /noindex/);
  expect(await reader.evaluate(() => [document.cookie, localStorage.length, sessionStorage.length])).toEqual(['', 0, 0]);
  if (process.env['SHOTS']) await reader.screenshot({ path: `${process.env['SHOTS']}/shared.png` });
  await accessible(reader);

  await menu(page).click();
  await page.getByRole('button', { name: 'Take back…' }).click();
  await page.getByRole('button', { name: 'Take back', exact: true }).click();
  await expect(page.locator('.links li')).toHaveCount(0);
  await reader.reload();
  await expect(reader.getByText('Dieser Link öffnet nichts.')).toBeVisible();
  await expect(reader.locator('article')).toHaveCount(0);
  if (process.env['SHOTS']) await reader.screenshot({ path: `${process.env['SHOTS']}/gone.png` });
  expect([seen.violations, seen.errors, seen.foreign]).toEqual([[], [], []]);
  expect(watched.token).not.toBe('');
  await context.close();
});
