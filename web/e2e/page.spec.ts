import { HOSTILE, host } from './hosts';
import { ask, clean, enter, expect, test } from './stand';

/** States of the page and of the embed, at a relay that answers as it is asked to. */

for (const colorScheme of ['light', 'dark'] as const) {
  test(`judge, pin, reword, repeat, change, delete; axe in each state, ${colorScheme}`, async ({ desk, open }) => {
    const page = await open({ colorScheme });
    await enter(page);
    await ask(page, 'think about the three parts');
    const done = page.locator('article.answer.done');
    await expect(done).toHaveCount(1);
    await expect(page.getByText('Thoughts')).toBeVisible();
    await expect(page.getByText('I should name all three')).toBeHidden();
    await expect(page.getByText('Used search_content')).toBeVisible();
    // Coloured by a chunk that comes with the first closed fence.
    await expect(page.locator('pre .c-comment')).toHaveText('# no account, no key');
    await clean(page, 'colours');

    await page.getByRole('button', { name: 'Bad answer' }).click();
    await expect(page.getByRole('button', { name: 'Bad answer' })).toHaveAttribute('aria-pressed', 'true');
    await expect(page.getByLabel('What could be better?')).toBeFocused();
    await clean(page, 'feedback');
    await page.keyboard.type('Name the ports');
    await page.getByRole('button', { name: 'Send feedback' }).click();
    await expect(page.getByText('Thank you.')).toBeVisible();
    await page.getByRole('button', { name: 'Pin', exact: true }).click();
    await expect.poll(() => desk.chats[0]?.feedback.at(0)).toMatchObject({ verdict: 'down', words: 'Name the ports' });
    expect(desk.chats[0]?.pinned).toBe(await done.getAttribute('data-id'));
    await page.reload();
    await expect(page.getByRole('button', { name: 'Bad answer' })).toHaveAttribute('aria-pressed', 'true');
    await page.getByRole('button', { name: 'Go to the pinned message' }).click();
    await expect(done).toBeFocused();
    await clean(page, 'pinned');

    await page.getByRole('button', { name: 'Answer again' }).click();
    await expect(done).toHaveCount(2);
    await page.getByRole('button', { name: 'Change this message' }).click();
    await expect(page.locator('.composer textarea')).toBeFocused();
    await expect(page.locator('.composer textarea')).toHaveValue('think about the three parts');
    await ask(page, 'say shorter');
    await expect(page.locator('article')).toHaveCount(2);
    await expect(done).toContainText('shorter');
    expect(desk.chats[0]?.messages.map(({ role }) => role)).toEqual(['user', 'assistant']);

    await page.getByRole('button', { name: 'New chat' }).click();
    await ask(page, 'please fail');
    await expect(page.locator('article.failed')).toHaveCount(1);
    await clean(page, 'failed');
    await ask(page, 'in line and hold');
    await expect(page.getByText('You are number 3 in line.')).toBeVisible();
    await clean(page, 'queued');
    desk.release();
    await expect(page.locator('article.writing .md')).toContainText('What a worker needs');
    await clean(page, 'streaming');
    desk.release();
    await expect(done).toHaveCount(1);
    desk.cut();

    const menu = page.getByRole('button', { name: 'Chats and settings' });
    await menu.click();
    await expect(page.getByRole('dialog')).toBeFocused();
    await clean(page, 'menu');
    // Tab stays inside.
    await page.keyboard.press('Shift+Tab');
    await expect(page.getByRole('button', { name: 'Sign out' })).toBeFocused();
    await page.keyboard.press('Tab');
    await expect(page.getByRole('button', { name: 'Close the menu' })).toBeFocused();
    const [saved] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Markdown' }).click()]);
    expect(saved.suggestedFilename()).toBe('chat.md');
    await page.getByRole('button', { name: /think about/ }).first().click();
    await expect(menu).toBeFocused();
    await expect(done).toContainText('shorter');
    await menu.click();
    await page.getByRole('button', { name: 'Delete this chat: think about the three parts' }).click();
    await expect(page.getByRole('button', { name: 'Keep' })).toBeFocused();
    await clean(page, 'really delete');
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await expect.poll(() => desk.chats.length).toBe(1);
    await expect(page.getByRole('dialog')).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(menu).toBeFocused();
    await expect(page.locator('article')).toHaveCount(0);
  });
}

test('Arabic is mirrored, its numbers and the page around too; the menu changes the language', async ({ open }) => {
  const page = await open({ viewport: { width: 360, height: 740 }, locale: 'ar-EG' });
  await expect(page.getByLabel('رمز الدخول')).toBeVisible();
  await clean(page, 'gate');
  await enter(page);
  await ask(page, 'كيف يعمل الحوار؟');
  await expect(page.locator('article.done')).toHaveCount(1);
  await expect(page.locator('html')).toHaveAttribute('dir', 'rtl');
  const box = async (selector: string) => (await page.locator(selector).first().boundingBox()) ?? { x: 0, width: 0 };
  // The mark leads on the right, the visitor's words end on the left.
  expect((await box('.top .mark')).x).toBeGreaterThan((await box('.top nav')).x);
  expect((await box('.bubble')).x).toBeLessThan(40);
  expect(await page.locator('.md li').first().evaluate((item) => getComputedStyle(item).direction)).toBe('rtl');
  expect(await page.locator('.md blockquote').first().evaluate((quote) => getComputedStyle(quote).direction)).toBe('rtl');
  expect(await page.locator('.md code').first().evaluate((code) => getComputedStyle(code).direction)).toBe('ltr');
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  await clean(page, 'arabic');
  await page.locator('.composer textarea').fill('x'.repeat(4_001));
  await expect(page.getByRole('alert')).toContainText('١');
  await page.locator('.composer textarea').fill('');
  await page.getByRole('button', { name: 'المحادثات والإعدادات' }).click();
  await page.getByLabel('اللغة').selectOption('de');
  await expect(page.getByLabel('Ihre Nachricht')).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('lang', 'de');
  await expect(page.locator('html')).toHaveAttribute('dir', 'ltr');
  await expect(page.locator('article.done')).toHaveCount(1);
  for (const [tag, label] of [['es', 'Su mensaje'], ['ja', 'メッセージ'], ['en', 'Your message']] as const) {
    await page.locator('nav [aria-expanded]').click();
    await page.locator('select').last().selectOption(tag);
    await expect(page.locator('.composer textarea')).toHaveAttribute('aria-label', label);
  }
});

test('200 % zoom, forced colours and a narrow phone: all is there and nothing is cut', async ({ open }) => {
  // 200 % of a window of 1000 pixels.
  const page = await open({ viewport: { width: 500, height: 360 }, forcedColors: 'active' });
  await enter(page);
  await ask(page, 'the three parts');
  await expect(page.locator('article.done')).toHaveCount(1);
  for (const width of [500, 320]) {
    await page.setViewportSize({ width, height: 480 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    const log = page.getByRole('log');
    expect(await log.evaluate((it) => it.scrollWidth - it.clientWidth)).toBe(0);
    expect((await log.boundingBox())?.height).toBeGreaterThan(150);
    for (const button of await page.locator('header button, form button').all()) {
      const box = await button.boundingBox();
      expect(Math.min(box?.width ?? 0, box?.height ?? 0), (await button.getAttribute('aria-label')) ?? '').toBeGreaterThanOrEqual(44);
    }
  }
  await page.emulateMedia({ media: 'print', forcedColors: 'none' });
  await expect(page.locator('.composer')).toBeHidden();
  await expect(page.locator('.md table')).toBeVisible();
});

test('a chat of 5,000 messages: read from the end, and who reads above is not moved', async ({ desk, open }) => {
  desk.seeded(
    Array.from({ length: 5_000 }, (_, at) => ({
      id: `s${at}`,
      role: at % 2 === 0 ? ('user' as const) : ('assistant' as const),
      parts: [{ type: 'text', text: at % 2 === 0 ? `Question ${at}` : `Answer **${at}**\n\n- one\n- two\n\nMore words of it.` }],
    })),
    'Very long',
  );
  const page = await open();
  await enter(page);
  await page.getByRole('button', { name: 'Chats and settings' }).click();
  await page.getByRole('button', { name: /Very long/ }).first().click();
  await expect(page.getByText('Answer 4999')).toBeInViewport();
  expect(await page.locator('article').count()).toBeLessThanOrEqual(120);
  const log = page.getByRole('log');
  const first = page.locator('[data-id=s4950]');
  await first.scrollIntoViewIfNeeded();
  const before = (await first.boundingBox())?.y ?? 0;
  await page.getByRole('button', { name: 'Earlier messages' }).click();
  await expect(page.locator('[data-id=s4900]')).toHaveCount(1);
  await page.waitForTimeout(300);
  expect(Math.abs(((await first.boundingBox())?.y ?? 0) - before)).toBeLessThanOrEqual(2);
  // All of it, without the visitor's patience: what is far away costs no layout.
  await page.evaluate(async () => {
    const root = document.querySelector('tendril-chat')?.shadowRoot as ShadowRoot;
    while (root.querySelectorAll('article').length < 1_000) {
      root.querySelector<HTMLButtonElement>('.earlier')?.click();
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  });
  desk.pace = 20;
  await log.evaluate((it) => it.scrollTo(0, it.scrollHeight / 2));
  await page.waitForTimeout(300);
  const anchor = await page.evaluateHandle(() => {
    const root = document.querySelector('tendril-chat')?.shadowRoot as ShadowRoot;
    return root.elementFromPoint(500, 400)?.closest('article') as HTMLElement;
  });
  await page.locator('.composer textarea').evaluate((area: HTMLTextAreaElement) => area.focus({ preventScroll: true }));
  const y = await anchor.evaluate((it) => it.getBoundingClientRect().y);
  // Another tab asks; this reader is up here.
  const chat = desk.chats.find(({ title }) => title === 'Very long');
  await fetch(`${desk.url}/api/v1/chats/${chat?.id}/messages`, {
    method: 'POST',
    headers: { Authorization: 'Bearer t' },
    body: JSON.stringify({ id: 'other', parts: [{ type: 'text', text: 'the three parts' }] }),
  });
  await expect(page.getByRole('button', { name: 'New below' })).toBeVisible();
  const long = await page.evaluate(async () => {
    const spans: number[] = [];
    const watch = new PerformanceObserver((list) => spans.push(...list.getEntries().map(({ duration }) => duration)));
    watch.observe({ type: 'longtask' });
    await new Promise((resolve) => setTimeout(resolve, 600));
    watch.disconnect();
    return Math.max(0, ...spans);
  });
  expect(Math.abs((await anchor.evaluate((it) => it.getBoundingClientRect().y)) - y)).toBeLessThanOrEqual(2);
  console.log(`1,000 of 5,000 messages shown, longest task while streaming: ${Math.round(long)} ms`);
  expect(long).toBeLessThan(500);
});

/** The strictest page that a host can be: nothing inline, no style of ours, no HTML from strings. */
const STRICT = (url: string) =>
  `default-src 'none'; script-src ${url}; style-src 'self'; connect-src ${url}; require-trusted-types-for 'script'; trusted-types 'none'`;
const HOSTILE_ANSWER = [
  '![pixel](https://evil.example/p.png)',
  '[run](javascript:alert(1)) [host](//evil.example/x) [fine](https://x.example/)',
  '<img src="https://evil.example/i.png" onerror="alert(1)"><script src="https://evil.example/s.js"></script>',
  '<style>@import "https://evil.example/s.css"</style><iframe src="https://evil.example/"></iframe>',
].join('\n\n');

test('the embed on a strict page: nothing before the first touch, the API, the badge, Escape', async ({ desk, open }) => {
  desk.pages.set('/host', { body: host(desk.url, 'data-title'), headers: { 'Content-Security-Policy': STRICT(desk.url) } });
  const page = await open({}, '/host');
  const launcher = page.locator('tendril-widget button').first();
  await launcher.waitFor();
  await page.waitForTimeout(1_000);
  expect(desk.requests.filter((request) => !request.includes('favicon'))).toEqual(['GET /host', 'GET /widget.js']);
  expect(
    await page.evaluate(async () => ({
      kept: JSON.stringify(sessionStorage) + JSON.stringify(localStorage) + document.cookie,
      focus: document.activeElement === document.body,
      shift: await new Promise((resolve) => {
        let sum = 0;
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) sum += (entry as unknown as { value: number }).value;
        }).observe({ type: 'layout-shift', buffered: true });
        setTimeout(() => resolve(sum), 100);
      }),
    })),
  ).toEqual({ kept: '{}{}', focus: true, shift: 0 });

  await page.evaluate(() => {
    const told: string[] = [];
    Object.assign(window, { told });
    const api = (window as unknown as { tendril: { on(name: string, listener: (event: CustomEvent) => void): void } }).tendril;
    for (const name of ['open', 'close', 'answer']) api.on(name, (event) => told.push(`${name} ${JSON.stringify(event.detail ?? null)}`));
  });
  await launcher.click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await expect(page.getByLabel('Access code')).toBeFocused();
  await clean(page, 'embed, gate');
  await enter(page);
  await page.evaluate(() => (window as unknown as { tendril: { send(text: string): void } }).tendril.send('hold the three parts'));
  await expect(page.locator('article.writing .md')).toContainText('What a worker needs');
  await clean(page, 'embed, streaming');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
  await expect(launcher).toBeFocused();
  desk.release();
  await expect(launcher).toHaveAccessibleName('Open the chat (1)');
  await expect(page).toHaveTitle('(1) Host');
  await page.keyboard.press('Enter');
  await expect(launcher).toHaveAccessibleName('Open the chat');
  await expect(page).toHaveTitle('Host');
  // Nothing of a hostile answer is fetched, run or linked: the fixture fails on any request elsewhere.
  await ask(page, `say ${HOSTILE_ANSWER}`);
  await expect(page.locator('article.done')).toHaveCount(2);
  const links = await page.locator('article.done').last().locator('a').evaluateAll((all) => all.map((link) => link.getAttribute('href')));
  expect(links).toEqual(['https://evil.example/p.png', 'https://x.example/', 'https://evil.example/s.css']);
  expect(await page.locator('article.done').last().locator('img, script, style, iframe, svg:not(.icon, .mark), [onerror]').count()).toBe(0);
  await page.waitForTimeout(1_000);
  await page.evaluate(() => (window as unknown as { tendril: { close(): void } }).tendril.close());
  await expect(launcher).toHaveAttribute('aria-expanded', 'false');
  expect(await page.evaluate(() => (window as unknown as { told: string[] }).told)).toEqual(['open null', 'close null', 'answer {"unread":1}', 'open null', 'answer {"unread":0}', 'close null']);
});

test('the embed on a phone is modal and keeps the focus; in a frame it does the same', async ({ desk, open }) => {
  desk.pages.set('/host', { body: host(desk.url) });
  desk.pages.set('/framed', {
    body: host(desk.url, 'data-mode="iframe" data-lang="de"'),
    headers: { 'Content-Security-Policy': `default-src 'none'; script-src ${desk.url}; style-src 'self'; frame-src ${desk.url}; require-trusted-types-for 'script'; trusted-types 'none'` },
  });
  const page = await open({ viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true }, '/host');
  await page.locator('tendril-widget button').first().tap();
  await expect(page.getByLabel('Access code')).toBeVisible();
  const size = await page.getByRole('dialog').boundingBox();
  expect([size?.width, size?.height]).toEqual([360, 740]);
  for (let stop = 0; stop < 6; stop++) {
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => ['TENDRIL-WIDGET', 'BODY'].includes(document.activeElement?.tagName ?? ''))).toBe(true);
  }
  await page.keyboard.press('Escape');
  await expect(page.locator('tendril-widget button').first()).toBeFocused();

  const framed = await open({}, '/framed');
  await framed.locator('tendril-widget button').first().click();
  const chat = framed.frameLocator('tendril-widget iframe');
  await chat.getByLabel('Zugangscode').fill('abc');
  await chat.getByLabel('Zugangscode').press('Enter');
  await chat.getByLabel('Ihre Nachricht').waitFor();
  expect(desk.requests.filter((request) => /chat-ui|app\.js/.test(request)).length).toBeGreaterThan(0);
  await framed.evaluate(() => (window as unknown as { tendril: { send(text: string): void } }).tendril.send('the three parts'));
  await expect(chat.locator('article.done')).toHaveCount(1);
  await expect(framed.getByRole('dialog')).toHaveAccessibleName('Garden helpdesk');
  await chat.getByRole('button', { name: 'Chat schließen' }).click();
  await expect(framed.getByRole('dialog')).toBeHidden();
  await expect(framed.locator('tendril-widget button').first()).toBeFocused();
});

test('three hostile host pages: the embed looks and works as ever', async ({ desk, open }, info) => {
  for (const [name, style] of Object.entries(HOSTILE)) {
    desk.pages.set(`/${name}`, { body: host(desk.url, '', style) });
    const page = await open({}, `/${name}`);
    const launcher = page.locator('tendril-widget button').first();
    expect(await launcher.boundingBox(), name).toEqual({ x: 924, y: 644, width: 56, height: 56 });
    await launcher.click();
    await enter(page);
    await ask(page, 'the three parts');
    await expect(page.locator('article.done')).toHaveCount(1);
    expect(await page.getByRole('dialog').boundingBox(), name).toMatchObject({ width: 400, x: 580 });
    expect(await page.locator('.bubble').evaluate((it) => [getComputedStyle(it).fontSize, getComputedStyle(it).color, getComputedStyle(it).textTransform])).toEqual(['16px', 'rgb(28, 39, 34)', 'none']);
    expect(await page.locator('.top').evaluate((it) => it.getBoundingClientRect().height)).toBe(64);
    await expect(page.getByRole('button', { name: 'Close the chat' })).toBeInViewport();
    await page.screenshot({ path: info.outputPath(`hostile-${name}.png`) });
  }
});
