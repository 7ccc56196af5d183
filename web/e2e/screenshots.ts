import { fileURLToPath } from 'node:url';
import type { BrowserContextOptions, Page } from '@playwright/test';
import { HOSTILE, host } from './hosts';
import { ask, enter, expect, test } from './stand';

/** `npm run screenshots`: the docs' pictures of every state, at a stand-in for the relay, so that they are alike each time. */

const images = fileURLToPath(new URL('../../docs/images/', import.meta.url));
const SIZE = { viewport: { width: 920, height: 640 } };
const PHONE = { viewport: { width: 390, height: 720 }, isMobile: true, hasTouch: true };

const SITE = `<style>
  body { margin: 0; padding: 56px 64px; background: #fff; color: #26312c; font: 17px/1.6 Georgia, serif; }
  h1 { margin: 0 0 8px; font-size: 34px; } p { max-width: 34em; color: #56635c; } a { color: inherit; }
</style>`;

async function shoot(page: Page, name: string): Promise<void> {
  await page.evaluate(() => document.fonts.ready);
  await page.mouse.move(0, 0);
  await page.screenshot({ path: `${images}${name}.png`, animations: 'disabled', caret: 'hide' });
}

const done = (page: Page) => expect(page.locator('article.answer.done')).toHaveCount(1);
/** From its beginning, and without a focus ring. */
async function rest(page: Page): Promise<void> {
  await page.locator('.acts').first().waitFor();
  await page.getByRole('log').evaluate((log) => log.scrollTo({ top: 0 }));
  await page.locator('.composer textarea').blur();
}

test('gate, chat, menu, error, queued, streaming', async ({ desk, open }) => {
  const page = await open(SIZE);
  await page.locator('#code').fill('K7Q2-9XPM4-T3H8D-WZ5RC');
  await shoot(page, 'gate');
  await page.locator('#code').fill('wrong');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').waitFor();
  await shoot(page, 'gate-refused');
  await enter(page);
  await page.locator('.composer textarea').blur();
  await shoot(page, 'empty');
  await ask(page, 'Which three parts are there? I think one of them is public.');
  await done(page);
  await rest(page);
  await shoot(page, 'chat');
  desk.site = { mail: true };
  desk.calls.set('POST chats/:id/share', () => [
    201,
    { id: 's1', chatId: desk.chats[0]?.id, title: desk.chats[0]?.title, createdAt: new Date().toISOString(), expiresAt: new Date(Date.now() + 604_800_000).toISOString(), attachments: false, path: '/s/2E8EjSkP9JD5nNJ890qB4Q' },
  ]);
  await page.reload();
  await done(page);
  await page.getByRole('button', { name: 'Chats and settings' }).click();
  await page.getByText('Share a link').click();
  await page.getByRole('button', { name: 'Create the link' }).click();
  await page.getByLabel('Link to this chat').waitFor();
  await shoot(page, 'menu');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'New chat' }).click();
  await ask(page, 'What happens when a model fails?');
  await page.locator('article.failed').waitFor();
  await page.locator('.composer textarea').blur();
  await shoot(page, 'error');
  await page.getByRole('button', { name: 'New chat' }).click();
  await ask(page, 'How many are in line before me?');
  await page.getByText('You are number 3 in line.').waitFor();
  await page.locator('.composer textarea').blur();
  await shoot(page, 'queued');
  desk.release();
  await done(page);
  await page.getByRole('button', { name: 'New chat' }).click();
  await ask(page, 'Tell me about the parts, and do not hold back.');
  await expect(page.locator('article.writing .md')).toContainText('What a worker needs');
  await page.locator('.composer textarea').blur();
  await shoot(page, 'streaming');
  desk.release();
  await done(page);
  await page.getByRole('button', { name: 'New chat' }).click();
  await ask(page, 'Is anybody there, or are you offline?');
  await page.locator('.queue.offline').waitFor();
  await page.locator('.composer textarea').blur();
  await shoot(page, 'offline');
  desk.release();
});

test('consent at the door', async ({ desk, open }) => {
  desk.site = { consent: { version: 1, text: 'Garden helpdesk is run by the garden club. An AI answers. What you write is kept for 30 days and then deleted; you can delete it yourself at any time.' } };
  const page = await open(SIZE);
  await page.locator('.consent-text').waitFor();
  await page.locator('#code').blur();
  await shoot(page, 'consent');
});

for (const [name, options, question] of [
  ['dark', { ...SIZE, colorScheme: 'dark' }, 'Which three parts are there? I think one of them is public.'],
  ['mobile', PHONE, 'Which three parts are there?'],
  ['right-to-left', { ...SIZE, locale: 'ar' }, 'ما هي أجزاء هذا الحوار؟'],
] satisfies [string, BrowserContextOptions, string][]) {
  test(name, async ({ open }) => {
    const page = await open(options);
    await enter(page);
    await ask(page, question);
    await done(page);
    await rest(page);
    await shoot(page, name);
  });
}

test('the embed, closed and open', async ({ desk, open }) => {
  desk.pages.set('/host', { body: host(desk.url, '', SITE) });
  const page = await open(SIZE, '/host');
  const launcher = page.locator('tendril-widget button').first();
  await launcher.waitFor();
  await shoot(page, 'closed');
  await launcher.click();
  await enter(page);
  await ask(page, 'Which three parts are there?');
  await done(page);
  await rest(page);
  await shoot(page, 'open');
});

for (const [name, style] of Object.entries(HOSTILE)) {
  test(`a hostile host: ${name}`, async ({ desk, open }) => {
    desk.pages.set('/hostile', { body: host(desk.url, '', style) });
    const page = await open({ viewport: { width: 800, height: 560 } }, '/hostile');
    await page.locator('tendril-widget button').first().click();
    await enter(page);
    await ask(page, 'Which three parts are there?');
    await done(page);
    await rest(page);
    await shoot(page, `hostile-${name}`);
  });
}

test('the page of a shared chat', async ({ desk, open }) => {
  const at = '2026-11-21T09:30:00Z';
  const text = (words: string) => [{ type: 'text', text: words }];
  desk.calls.set('POST shared', () => [
    200,
    {
      site: 'Garden helpdesk',
      sharedAt: at,
      expiresAt: '2026-12-21T09:30:00Z',
      messages: [
        { id: 'q', role: 'user', parts: text('Which three parts are there?'), metadata: { createdAt: at } },
        {
          id: 'a',
          role: 'assistant',
          parts: [
            ...text('There are **three parts**, and only one of them is public:\n\n1. The *relay* keeps what was said.\n2. The worker stands at home and only dials out.\n3. The page shows the answer while it is written.'),
            { type: 'source-url', sourceId: 's', url: 'https://example.org/docs/relay', title: 'The relay' },
          ],
          metadata: { createdAt: at, model: 'desk-1' },
        },
      ],
    },
  ]);
  const page = await open(SIZE, '/s/2E8EjSkP9JD5nNJ890qB4Q');
  await page.locator('article.answer').waitFor();
  await shoot(page, 'shared');
  desk.calls.set('POST shared', () => [404, 'not_found']);
  await page.reload();
  await page.getByText('This link does not open anything.').waitFor();
  await shoot(page, 'shared-gone');
});
