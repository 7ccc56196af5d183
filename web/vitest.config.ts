import { defineConfig } from 'vitest/config';

export default defineConfig({
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  test: {
    include: ['packages/**/*.test.{ts,tsx}', 'apps/**/*.test.{ts,tsx}'],
    // Far beyond what any test needs: a busy machine is no failure, a test that hangs is.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // `./tendril test` counts the tests of all suites from reports of one form.
    reporters: ['default', ['junit', { outputFile: 'target/TEST-vitest.xml' }]],
  },
});
