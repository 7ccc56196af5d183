import { defineConfig } from '@playwright/test';
import base from './playwright.config';

/** `npm run screenshots`: the docs' pictures, from the running thing. */
export default defineConfig(base, { testMatch: 'screenshots.ts', reporter: 'list' });
