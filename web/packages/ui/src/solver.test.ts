import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { solve, type Challenge } from './solver';

// Made by ALTCHA's own library; the Java test reads it too.
const sample = JSON.parse(
  readFileSync(new URL('../../../../api/contract/src/test/resources/wire/captcha-altcha.json', import.meta.url), 'utf8'),
) as { challenge: Challenge; solution: { counter: number; derivedKey: string } };

test('finds the counter and the key that ALTCHA finds', async () => {
  const { counter, derivedKey } = await solve(sample.challenge);
  expect({ counter, derivedKey }).toEqual(sample.solution);
});
