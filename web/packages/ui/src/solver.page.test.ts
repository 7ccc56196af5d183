// @vitest-environment happy-dom
import { describe, expect, test } from 'vitest';
import { answer, type Asked } from './solver';

describe('a captcha that only the page around can show', () => {
  const offer = { kind: 'turnstile', siteKey: 'key-1' };
  const listen = (listener: (event: CustomEvent<Asked>) => void): void =>
    addEventListener('tendril:captcha', listener as EventListener, { once: true });

  test('is answered with its token', async () => {
    listen((event) => {
      event.preventDefault();
      expect(event.detail).toMatchObject(offer);
      event.detail.answer('token-1');
    });
    expect(await answer(offer, location.origin)).toBe('token-1');
  });

  test('fails when nobody listens, or who listens gives up', async () => {
    await expect(answer(offer, location.origin)).rejects.toThrow('nobody shows turnstile');
    listen((event) => {
      event.preventDefault();
      event.detail.giveUp();
    });
    await expect(answer(offer, location.origin)).rejects.toThrow('nobody shows turnstile');
  });
});
