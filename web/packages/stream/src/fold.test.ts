import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { FrameFolder, fold } from './fold';
import type { Frame, Part } from './wire';

// The samples that FrameFolder's Java tests read.
const wire = new URL('../../../../api/contract/src/test/resources/wire/', import.meta.url);
const samples = readdirSync(wire).filter((name) => /^fold-.*\.json$/.test(name));

test('the samples are there', () => expect(samples.length).toBeGreaterThanOrEqual(7));

test.each(samples)('%s', (name) => {
  const sample = JSON.parse(readFileSync(new URL(name, wire), 'utf8')) as {
    about: string;
    frames: Frame[];
    parts: Part[];
  };
  expect(fold(sample.frames), sample.about).toEqual(sample.parts);
});

test('an unknown frame changes nothing', () => {
  const folder = new FrameFolder();
  folder.accept({ type: 'text-start', id: 't' });
  folder.accept({ type: 'data-relay-later', data: 1, transient: true } as unknown as Frame);
  folder.accept({ type: 'text-delta', id: 't', delta: 'x' });
  expect(folder.parts()).toEqual([{ type: 'text', text: 'x' }]);
});

test('keys stay, whatever comes in between', () => {
  const folder = new FrameFolder();
  folder.accept({ type: 'text-start', id: 't' });
  folder.accept({ type: 'text-delta', id: 't', delta: 'x' });
  const before = folder.live();
  folder.accept({ type: 'reasoning-start', id: 'r' });
  folder.accept({ type: 'reasoning-delta', id: 'r', delta: 'y' });
  folder.accept({ type: 'text-end', id: 't' });
  expect(folder.live().map((live) => live.key)).toEqual(['text:t', 'reasoning:r']);
  expect(before[0]?.closed).toBe(false);
  expect(folder.live()[0]?.closed).toBe(true);
});
