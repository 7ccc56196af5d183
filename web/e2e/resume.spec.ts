import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BrowserContext, Page } from '@playwright/test';
import { Cutter } from './cutter';
import { LONG_QUESTION, answers, ask, expect, finished, markdownOf, midAnswer, questions, signIn, stored, test, watch, wordsShown } from './tendril';

/** Characters of one to four bytes, so that cuts fall into them. */
const QUESTION = 'What do the gärtner say about the 木蔭 and the 🌱 of the nursery?';
const PAGE = `---
title: The nursery of many words
---
What the gärtner say about the 木蔭 and the 🌱 of the nursery. ${Array.from(
  { length: 40 },
  (_, day) => `Tag ${day + 1}: die 🌱🌿 wächst über die *Mauer* — 蔓は**日陰**を好む — والنبتة ﻻ تنسى.`,
).join(' ')}
`;
const CUTS = 200;

test(`${CUTS} cuts in mid-frame and mid-character, with frames sent twice: the text is exact, and one bubble`, async ({ browser, tendril }) => {
  test.setTimeout(180_000);
  const seed = Number(process.env['SEED'] ?? 7);
  await writeFile(join(tendril.dataDir, 'worker', 'content', 'nursery.md'), PAGE);
  const cutter = new Cutter(tendril.url, CUTS, seed);
  const url = await cutter.start();
  const through = { ...tendril, url, page: tendril.page.replace(tendril.url, url) };
  const begun = Date.now();
  const visit = async (): Promise<void> => {
    const context: BrowserContext = await browser.newContext({ locale: 'en-GB', permissions: ['clipboard-read', 'clipboard-write'] });
    const page: Page = await context.newPage();
    const watched = await watch(page, through);
    // As when a network comes back: the page does not wait for its next try.
    await page.addInitScript(() => setInterval(() => dispatchEvent(new Event('online')), 40));
    await signIn(page, through);
    for (let asked = 1; asked === 1 || cutter.cuts < CUTS; asked++) {
      await ask(page, QUESTION);
      await expect(finished(page)).toHaveCount(asked, { timeout: 60_000 });
      await expect(questions(page)).toHaveCount(asked);
      await expect(answers(page)).toHaveCount(asked);
      const markdown = markdownOf((await stored(tendril, watched)).at(-1));
      expect(markdown.length).toBeGreaterThan(100);
      await page.getByRole('button', { name: 'Copy answer' }).last().click();
      await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(markdown);
    }
    expect(watched.errors).toEqual([]);
    expect(watched.violations).toEqual([]);
    await context.close();
  };
  try {
    await Promise.all([visit(), visit(), visit()]);
  } finally {
    cutter.stop();
  }
  console.log(`resume: seed ${seed}, ${cutter.cuts} cuts, ${cutter.torn} of them in a character, ${cutter.replays} with frames twice, in ${Date.now() - begun} ms`);
  expect(cutter.cuts).toBe(CUTS);
  expect(cutter.torn).toBeGreaterThan(0);
  expect(cutter.replays).toBeGreaterThan(20);
});

test('a reload in the middle shows what was there at once, and the answer goes on in two tabs', async ({ page, context, tendril, watched }) => {
  await signIn(page, tendril);
  await ask(page, LONG_QUESTION);
  await midAnswer(page, 60);
  const other = await context.newPage();
  const seen = await watch(other, tendril);
  await other.goto(tendril.page);
  await other.locator('article.answer .md').first().waitFor();
  // From the beginning of the navigation to the paint of the first words.
  await page.addInitScript(() => {
    const look = () => {
      const words = document.querySelector('tendril-chat')?.shadowRoot?.querySelector('article.answer .md')?.textContent ?? '';
      if (words === '') requestAnimationFrame(look);
      else Object.assign(window, { restored: { ms: performance.now(), characters: words.length } });
    };
    requestAnimationFrame(look);
  });
  // A tab in the background paints once a second.
  await page.bringToFront();
  await page.reload();
  await page.waitForFunction(() => 'restored' in window);
  const { ms, characters } = await page.evaluate(() => (window as unknown as { restored: { ms: number; characters: number } }).restored);
  console.log(`resume: ${characters} characters restored ${Math.round(ms)} ms after the reload (bound on a quiet machine: 500 ms)`);
  expect(ms, 'far beyond what a reader accepts').toBeLessThan(5_000);
  expect(characters).toBeGreaterThan(0);
  for (const tab of [page, other]) {
    await expect(finished(tab)).toHaveCount(1, { timeout: 60_000 });
    await expect(answers(tab)).toHaveCount(1);
    await expect(questions(tab)).toHaveCount(1);
  }
  expect(await wordsShown(answers(other).first())).toBe(await wordsShown(answers(page).first()));
  expect((await stored(tendril, watched)).map(({ role }) => role)).toEqual(['user', 'assistant']);
  expect(seen.errors).toEqual([]);
});
