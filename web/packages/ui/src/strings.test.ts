import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const folder = new URL('strings/', import.meta.url);
const words = (name: string) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Record<string, string>;
const variables = (text = '') => (text.match(/\{\w+\}/g) ?? []).toSorted();
const english = { ...words('en.json'), ...words('en-more.json') };

test.each(readdirSync(folder).filter((name) => !name.startsWith('en')))('%s says everything, with the same variables', (name) => {
  const found = words(name);
  expect(Object.keys(found).toSorted()).toEqual(Object.keys(english).toSorted());
  for (const [key, text] of Object.entries(found)) {
    expect(text.trim(), key).not.toBe('');
    expect(variables(text), key).toEqual(variables(english[key]));
  }
});

test('English says nothing twice', () => {
  const first = Object.keys(words('en.json'));
  expect(Object.keys(words('en-more.json')).filter((key) => first.includes(key))).toEqual([]);
});
