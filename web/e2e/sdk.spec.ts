import { fileURLToPath } from 'node:url';
import { AssistantMessageAccumulator, UIMessageStreamDecoder, type AssistantStreamChunk } from 'assistant-stream';
import { build, type Rolldown } from 'vite';
import type { Page } from '@playwright/test';
import { LONG_QUESTION, expect, markdownOf, signIn, stored, test } from './tendril';

/** The page with the AI SDK as one classic script. */
async function bundle(): Promise<string> {
  const built = (await build({
    configFile: false,
    logLevel: 'error',
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      write: false,
      minify: false,
      lib: { entry: fileURLToPath(new URL('sdk/page.ts', import.meta.url)), formats: ['iife'], name: 'sdk', fileName: 'sdk' },
    },
  })) as Rolldown.RolldownOutput[];
  return built[0]?.output[0].code ?? '';
}

test("the AI SDK's useChat and the assistant-ui decoder chat with the relay", async ({ page, context, tendril, watched }) => {
  const script = await bundle();
  await signIn(page, tendril);
  // The page's own session, and a chat of it.
  await page.locator('.composer textarea').fill('What is the relay?');
  await page.keyboard.press('Enter');
  await expect(page.locator('article.done')).toHaveCount(1, { timeout: 40_000 });
  const token = watched.token.replace('Bearer ', '');
  const where = { base: tendril.url, chat: watched.chat, token };

  const other = async () => {
    const blank = await context.newPage();
    await blank.route(`${tendril.url}/health/live`, (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>Other</title>' }));
    await blank.goto(`${tendril.url}/health/live`);
    await blank.addScriptTag({ content: script });
    return blank;
  };
  const asking = await other();
  await asking.evaluate(([at, words]) => (window as unknown as { sdk: { show(where: unknown, ask: string): void } }).sdk.show(at, words), [where, LONG_QUESTION] as const);
  await expect(asking.locator('main.streaming pre.assistant')).toContainText('vine', { timeout: 40_000 });
  // A second one comes in the middle and resumes, a third reader decodes as assistant-ui does.
  const resuming = await other();
  await resuming.evaluate((at) => (window as unknown as { sdk: { show(where: unknown, ask: null): void } }).sdk.show(at, null), where);
  const response = await fetch(`${tendril.url}/api/v1/chats/${where.chat}/stream`, { headers: { Authorization: `Bearer ${token}` } });
  expect(response.status).toBe(200);
  expect(response.headers.get('x-vercel-ai-ui-message-stream')).toBe('v1');
  const chunks = (response.body as ReadableStream<Uint8Array<ArrayBuffer>>).pipeThrough(new UIMessageStreamDecoder()) as ReadableStream<AssistantStreamChunk>;
  let decoded = '';
  for await (const message of chunks.pipeThrough(new AssistantMessageAccumulator()) as unknown as AsyncIterable<{ parts: { type: string; text?: string }[] }>) {
    decoded = message.parts.map((part) => (part.type === 'text' ? (part.text ?? '') : '')).join('');
  }
  await expect(asking.locator('main.ready')).toHaveCount(1, { timeout: 40_000 });
  await expect(resuming.locator('main.ready')).toHaveCount(1);
  const markdown = markdownOf((await stored(tendril, watched)).at(-1));
  expect(markdown).toContain('vine');
  expect(await asking.locator('pre.assistant').last().textContent()).toBe(markdown);
  expect(await resuming.locator('pre.assistant').last().textContent()).toBe(markdown);
  expect(decoded).toBe(markdown);
  await expect(asking.getByRole('alert')).toHaveCount(0);

  // The same with the SDK's own calls, in a chat that the page names itself.
  const named = { ...where, chat: 'a-page-of-its-own' };
  const show = (to: Page, words: string | null) =>
    to.evaluate(([at, said]) => (window as unknown as { sdk: { show(where: unknown, ask: string | null, adapted: boolean): void } }).sdk.show(at, said, false), [named, words] as const);
  const plain = await other();
  await show(plain, LONG_QUESTION);
  await expect(plain.locator('main.streaming pre.assistant')).toContainText('vine', { timeout: 40_000 });
  const back = await other();
  await show(back, null);
  await expect(plain.locator('main.ready')).toHaveCount(1, { timeout: 40_000 });
  await expect(back.locator('main.ready')).toHaveCount(1);
  const said = await plain.locator('pre.assistant').last().textContent();
  // In a new chat the guide says who it is, below the same words.
  expect(said?.startsWith(markdown)).toBe(true);
  expect(await back.locator('pre.assistant').last().textContent()).toBe(said);
  await expect(plain.getByRole('alert')).toHaveCount(0);
  await expect(back.getByRole('alert')).toHaveCount(0);
});
