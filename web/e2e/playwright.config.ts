import { existsSync } from 'node:fs';
import { defineConfig } from '@playwright/test';

const chromium = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

export default defineConfig({
  testDir: '.',
  outputDir: '../test-results/browser',
  // Each has a Tendril of its own, which is killed and started again in between; they wait more than they work.
  workers: 3,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  forbidOnly: process.env['CI'] === 'true',
  reporter: [['list'], ['json', { outputFile: '../test-results/e2e.json' }]],
  use: {
    launchOptions: {
      args: ['--no-sandbox'],
      ...(existsSync(chromium) ? { executablePath: chromium } : {}),
    },
    viewport: { width: 1100, height: 800 },
    locale: 'en-GB',
    trace: 'off',
  },
});
