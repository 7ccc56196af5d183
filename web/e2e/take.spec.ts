import type { Page } from '@playwright/test';
import { ask, clean, enter, expect, test } from './stand';

/** What visitors agree to and take along, and what other tabs see. */

const menu = (page: Page) => page.getByRole('button', { name: 'Chats and settings' });

test('a chat by e-mail: address, code, a wrong one, sent; where no mail is sent nothing is offered', async ({ desk, open }) => {
  const asked: Record<string, unknown>[] = [];
  let state = 'asked';
  const request = () => ({ id: 'mail1', state, triesLeft: 5, expiresAt: new Date(Date.now() + 900_000).toISOString() });
  desk.calls.set('POST chats/:id/email', (body) => {
    asked.push(body);
    return String(body['address']).endsWith('.example') ? [202, request()] : [400, 'invalid_request'];
  });
  desk.calls.set('GET chats/:id/email/mail1', () => [200, request()]);
  desk.calls.set('POST chats/:id/email/mail1/confirm', (body) => {
    if (body['code'] === '123456') state = 'queued';
    return [200, request()];
  });
  const without = await open();
  await enter(without);
  await ask(without, 'say hello');
  await expect(without.locator('article.done')).toHaveCount(1);
  await menu(without).click();
  await expect(without.getByText('Share a link')).toBeVisible();
  await expect(without.getByText('Send by e-mail')).toHaveCount(0);

  desk.site = { mail: true };
  const page = await open();
  await enter(page);
  await ask(page, 'say hello');
  await expect(page.locator('article.done')).toHaveCount(1);
  await menu(page).click();
  await page.getByText('Send by e-mail').click();
  const address = page.getByLabel('Your e-mail address');
  await address.fill('nobody');
  await address.press('Enter');
  await expect(page.getByRole('alert')).toHaveText('That is not an e-mail address that can be used. Check it.');
  await clean(page, 'refused address');
  await address.fill(' ada@reader.example ');
  await address.press('Enter');
  const code = page.getByLabel('The code from the letter');
  await expect(code).toBeFocused();
  await expect(page.getByText('on its way to ada@reader.example')).toBeVisible();
  expect(asked.at(-1)).toEqual({ address: 'ada@reader.example', language: 'en' });
  await code.fill('000000');
  await code.press('Enter');
  await expect(page.getByRole('alert')).toHaveText('That is not the code. Check the latest letter.');
  await clean(page, 'wrong code');
  await code.fill('123456');
  await code.press('Enter');
  await expect(page.getByText('The chat is on its way …')).toBeVisible();
  state = 'sent';
  await expect(page.getByText('Sent. Look into your inbox.')).toBeVisible();
  await clean(page, 'sent');
});

test('a site asks for consent at the door, and again when its text has changed', async ({ desk, open }) => {
  const consent = { version: 1, text: 'Garden helpdesk stores what you write for 30 days.' };
  const sessions: Record<string, unknown>[] = [];
  let agreed = 0;
  desk.site = { consent };
  desk.calls.set('POST sessions/current/consent', (body) => {
    agreed = Number(body['version']);
    return agreed === consent.version ? [204, null] : [409, 'consent_required'];
  });
  const page = await open();
  page.on('request', (one) => one.url().endsWith('/sessions') && sessions.push(one.postDataJSON() as Record<string, unknown>));
  await expect(page.getByText(consent.text)).toBeVisible();
  await page.locator('#code').fill('abc');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toHaveText('Agree to this first.');
  await clean(page, 'consent');
  expect(sessions).toEqual([]);
  await page.getByLabel('I have read this and agree').check();
  await page.getByRole('button', { name: 'Open the chat' }).click();
  await page.locator('.composer textarea').waitFor();
  expect(sessions).toEqual([{ site: 'home', code: 'abc', consent: 1 }]);

  consent.version = 2;
  consent.text = 'Garden helpdesk stores what you write for a year.';
  desk.calls.set('POST chats/:id/messages', () => [409, 'consent_required']);
  await ask(page, 'say hello');
  const dialog = page.getByRole('alertdialog', { name: 'Please read this before you go on' });
  await expect(dialog).toContainText('for a year');
  await expect(dialog).toBeFocused();
  await clean(page, 'consent anew');
  desk.calls.delete('POST chats/:id/messages');
  await dialog.getByRole('button', { name: 'Agree and send' }).click();
  await expect(dialog).toHaveCount(0);
  await expect(page.locator('article.done')).toHaveCount(1);
  await expect(page.locator('article.question')).toHaveText(/say hello/);
  expect(agreed).toBe(2);
});

test('a message that is worded anew is so in the other tab too, without a reload', async ({ open }) => {
  const page = await open();
  await enter(page);
  await ask(page, 'say first');
  await expect(page.locator('article.done')).toHaveCount(1);
  const other = await page.context().newPage();
  await other.goto(page.url());
  await expect(other.locator('article.done')).toHaveCount(1);
  await page.getByRole('button', { name: 'Change this message' }).click();
  await ask(page, 'say second');
  for (const tab of [page, other]) {
    await expect(tab.locator('article.done')).toContainText('second');
    await expect(tab.locator('article')).toHaveCount(2);
    await expect(tab.locator('article.question')).toHaveText(/say second/);
  }
});
