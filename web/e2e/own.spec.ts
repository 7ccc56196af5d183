import { execFile } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { AxeBuilder } from '@axe-core/playwright';
import { expect, signIn, test } from './tendril';

const KEY = 'sk-canary-8d41c0ffee';
const WORDS = 'canary words of a visitor';

/** Files below a folder that hold one of the texts, among them the database's own. */
async function holding(folder: string, texts: string[]): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath ?? entry.path, entry.name);
    const bytes = await readFile(path).catch(() => Buffer.alloc(0));
    if (texts.some((text) => bytes.includes(text))) found.push(path);
  }
  return found;
}

test('a model of the visitor’s own answers through the relay, and nothing of it stays', async ({ page, tendril, watched }) => {
  test.setTimeout(120_000);
  const heads: string[] = [];
  let hung: Promise<void> = Promise.resolve();
  const model = createServer((request, response) => {
    heads.push(String(request.headers.authorization));
    let body = '';
    request.on('data', (bytes: Buffer) => (body += bytes.toString()));
    request.on('end', () => {
      if (request.url === '/v1/models') {
        response.end(JSON.stringify({ data: [{ id: 'fern-7b' }, { id: 'moss-2b' }] }));
        return;
      }
      const say = (text: string) => response.write(`data: ${JSON.stringify({ choices: [{ delta: { content: text } }] })}\n\n`);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const last = (JSON.parse(body) as { messages: { content: string }[] }).messages.at(-1)?.content ?? '';
      say('**Moss** grows ');
      if (last.includes('break')) response.end('data: {"error":{"message":"out of memory"}}\n\n');
      else if (last.includes('hang')) hung = new Promise((resolve) => response.on('close', resolve));
      else {
        say('in the shade.');
        response.end('data: [DONE]\n\n');
      }
    });
  });
  await new Promise<void>((resolve) => model.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(model.address() as AddressInfo).port}/v1`;
  const { stdout } = await promisify(execFile)(fileURLToPath(new URL('../../tendril', import.meta.url)), ['relay', 'workspace', 'set', 'home', '--own-models', endpoint, '--data-dir', tendril.dataDir]);
  expect(stdout).toContain(`own-models\t${endpoint}`);

  await signIn(page, tendril);
  await page.getByRole('button', { name: 'Chats and settings' }).click();
  await page.getByRole('button', { name: 'Chat with your own model…' }).click();
  const own = page.getByRole('dialog', { name: 'Your own model' });
  await own.getByLabel('Key').fill(KEY);
  await page.screenshot({ path: 'test-results/own-settings.png' });
  await own.getByRole('button', { name: 'Show the models' }).click();
  await own.getByLabel('Model').selectOption('moss-2b');
  await own.getByRole('button', { name: 'Begin' }).click();
  await expect(own.getByText(`This chat goes through the relay to ${new URL(endpoint).host}`)).toBeVisible();
  const area = own.getByLabel('Your message');
  await area.fill(WORDS);
  await area.press('Enter');
  await expect(own.locator('article.answer .md')).toHaveText('Moss grows in the shade.');
  await area.fill('break, please');
  await area.press('Enter');
  await expect(own.getByRole('alert')).toHaveText('The answer broke off. Send your message again.');
  await page.screenshot({ path: 'test-results/own-chat.png' });
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id }) => id)).toEqual([]);
  await area.fill('hang, please');
  await area.press('Enter');
  await own.getByRole('button', { name: 'Stop the answer' }).click();
  await hung;
  expect(heads).toEqual(heads.map(() => `Bearer ${KEY}`));

  // Not in the page's stores, not in the relay's log, not in any file of the database.
  expect(await page.evaluate(() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }]))).not.toContain('canary');
  await page.keyboard.press('Escape');
  await expect(own).toHaveCount(0);
  expect(await holding(tendril.dataDir, [KEY, WORDS])).toEqual([]);
  expect(watched.errors).toEqual([]);
  model.closeAllConnections();
  model.close();
});
