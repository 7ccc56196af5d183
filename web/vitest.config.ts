import { defineConfig } from 'vitest/config';

export default defineConfig({
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  test: { include: ['packages/**/*.test.{ts,tsx}', 'apps/**/*.test.{ts,tsx}'], passWithNoTests: true },
});
