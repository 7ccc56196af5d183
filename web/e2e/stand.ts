import { AxeBuilder } from '@axe-core/playwright';
import { test as base, expect, type BrowserContextOptions, type Page } from '@playwright/test';
import { Desk } from './desk';

/** Tests of the page at a relay that answers as it is asked to. */

export const test = base.extend<{ desk: Desk; open: (options?: BrowserContextOptions, path?: string) => Promise<Page> }>({
  desk: async ({}, use) => {
    const desk = await new Desk().start();
    await use(desk);
    await desk.stop();
  },
  open: async ({ browser, desk }, use) => {
    const faults: string[] = [];
    const pages: Page[] = [];
    await use(async (options = {}, path = '/c/home') => {
      const context = await browser.newContext({ viewport: { width: 1000, height: 720 }, locale: 'en-GB', reducedMotion: 'reduce', ...options });
      const page = await context.newPage();
      pages.push(page);
      page.on('pageerror', (error) => faults.push(error.message));
      page.on('console', (message) => message.text().startsWith('violation ') && faults.push(message.text()));
      page.on('request', (request) => !request.url().startsWith(desk.url) && !request.url().startsWith('blob:') && faults.push(`foreign ${request.url()}`));
      await page.addInitScript(() => {
        document.addEventListener('securitypolicyviolation', (event) => {
          console.log(`violation ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
        });
      });
      await page.goto(desk.url + path);
      return page;
    });
    expect(faults).toEqual([]);
    for (const page of pages) await page.context().close();
  },
});

/** Nothing grave for axe. */
export async function clean(page: Page, state: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  expect(grave.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`), state).toEqual([]);
}

export async function enter(page: Page): Promise<void> {
  await page.locator('#code').fill('abc');
  await page.keyboard.press('Enter');
  await page.locator('.composer textarea').waitFor();
}

export async function ask(page: Page, text: string): Promise<void> {
  await page.locator('.composer textarea').fill(text);
  await page.locator('.composer textarea').press('Enter');
}

export { expect };
