import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { composer, expect, finished, questions, signIn, stored, test } from './tendril';

interface Picked {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

/** An image as a canvas writes it. */
async function image(page: Page, name: string, width: number, height: number, type: string, colour: string): Promise<Picked> {
  const base64 = await page.evaluate(
    async ([w, h, as, fill]) => {
      const canvas = new OffscreenCanvas(w, h);
      const pen = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D;
      const sky = pen.createLinearGradient(0, 0, w, h);
      sky.addColorStop(0, fill);
      sky.addColorStop(1, '#f4e9d8');
      pen.fillStyle = sky;
      pen.fillRect(0, 0, w, h);
      pen.fillStyle = '#1d3d2c';
      pen.beginPath();
      pen.arc(w * 0.62, h * 0.55, h * 0.22, 0, 7);
      pen.fill();
      const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: as })).arrayBuffer());
      return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
    },
    [width, height, type, colour] as const,
  );
  return { name, mimeType: type, buffer: Buffer.from(base64, 'base64') };
}

/** Gives files to the page as a paste or a drop would. */
async function give(page: Page, how: 'paste' | 'drop', files: Picked[]): Promise<void> {
  const told = files.map(({ name, mimeType, buffer }) => ({ name, mimeType, base64: buffer.toString('base64') }));
  await composer(page).evaluate(
    (area, [kind, given]) => {
      const data = new DataTransfer();
      for (const { name, mimeType, base64 } of given) data.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name, { type: mimeType }));
      const init = { bubbles: true, cancelable: true, composed: true };
      area.dispatchEvent(kind === 'paste' ? new ClipboardEvent('paste', { ...init, clipboardData: data }) : new DragEvent('drop', { ...init, dataTransfer: data }));
    },
    [how, told] as const,
  );
}

const tray = (page: Page) => page.locator('.tray li');

test('images are picked, pasted and dropped, sent, opened and there after a reload', async ({ page, tendril, watched }) => {
  await signIn(page, tendril);
  const picker = page.locator('.attach input[type=file]');
  await expect(page.getByRole('button', { name: 'Attach images' })).toBeVisible();
  await picker.setInputFiles(await image(page, 'meadow.png', 640, 420, 'image/png', '#2f7d4f'));
  await give(page, 'paste', [await image(page, 'evening.webp', 500, 500, 'image/webp', '#a33c5c')]);
  // Larger than the relay keeps: the page makes it smaller first.
  await give(page, 'drop', [await image(page, 'wall.jpg', 4_200, 2_000, 'image/jpeg', '#34568b')]);
  await expect(tray(page)).toHaveCount(3);
  await expect(page.locator('.tray progress')).toHaveCount(0, { timeout: 30_000 });
  await page.screenshot({ path: 'test-results/attach-tray.png' });

  // A fourth finds no room; the sentence says so.
  await give(page, 'drop', [await image(page, 'more.png', 10, 10, 'image/png', '#000')]);
  await expect(page.getByRole('alert')).toHaveText('A message takes 3 images; 1 left out.');
  await expect(tray(page)).toHaveCount(3);
  await page.getByRole('button', { name: 'Remove evening.webp' }).click();
  await expect(tray(page)).toHaveCount(2);
  await picker.setInputFiles({ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('words') });
  await expect(page.getByRole('alert')).toHaveText('notes.txt cannot be attached: choose PNG, JPEG, WebP or GIF images.');
  await picker.setInputFiles({ name: 'broken.png', mimeType: 'image/png', buffer: Buffer.from('\x89PNG no') });
  await expect(page.getByRole('alert')).toHaveText('broken.png cannot be read. Save it anew and try again.');
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id }) => id)).toEqual([]);

  // Without a word, the images are the message.
  await composer(page).press('Enter');
  await expect(tray(page)).toHaveCount(0);
  const pictures = questions(page).locator('.pictures canvas');
  await expect(pictures).toHaveCount(2);
  await expect(page.getByText('This model cannot see images.')).toBeVisible({ timeout: 30_000 });
  await expect(finished(page)).toHaveCount(1, { timeout: 30_000 });
  const [sent] = await stored(tendril, watched);
  expect(sent?.parts.map((part) => part.type === 'file' && ['filename', 'mediaType'].map((key) => (part as Record<string, string>)[key]).join(' '))).toEqual(['meadow.png image/png', 'wall.jpg image/jpeg']);

  await page.reload();
  await expect(pictures).toHaveCount(2);
  await page.screenshot({ path: 'test-results/attach-sent.png' });
  const first = page.getByRole('button', { name: 'Open meadow.png' });
  await first.click();
  const box = page.getByRole('dialog', { name: 'meadow.png' });
  await expect(box.locator('canvas')).toHaveAttribute('width', '640');
  await page.screenshot({ path: 'test-results/attach-lightbox.png' });
  await page.keyboard.press('ArrowRight');
  await expect(page.getByRole('dialog', { name: 'wall.jpg' }).locator('canvas')).toHaveAttribute('width', '2048');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(first).toBeFocused();

  // Worded anew, it keeps its images.
  await page.getByRole('button', { name: 'Change this message' }).click();
  await expect(tray(page)).toHaveCount(2);
  await composer(page).fill('What do you see?');
  await composer(page).press('Enter');
  await expect(questions(page)).toHaveCount(1);
  await expect(questions(page)).toContainText('What do you see?');
  await expect(pictures).toHaveCount(2);
  await expect(finished(page)).toHaveCount(1, { timeout: 30_000 });
  const again = await stored(tendril, watched);
  expect(again[0]?.parts.map((part) => part.type)).toEqual(['file', 'file', 'text']);
  await page.waitForTimeout(500);
});
