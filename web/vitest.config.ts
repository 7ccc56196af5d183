import { defineConfig } from 'vitest/config';

export default defineConfig({
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  test: {
    include: ['packages/**/*.test.{ts,tsx}', 'apps/**/*.test.{ts,tsx}'],
    passWithNoTests: true,
    // `./tendril test` counts the tests of all suites from reports of one form.
    reporters: ['default', ['junit', { outputFile: 'target/TEST-vitest.xml' }]],
  },
});
