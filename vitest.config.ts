import { defineConfig } from 'vitest/config';

/** `unit`: beside the code, no network beyond loopback. `grid`: stories with real processes. `full`: long, or with downloads. */
export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 30_000,
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['app/**/*.test.ts', 'renderer/**/*.test.{ts,tsx}', 'main/**/*.test.ts', 'tools/**/*.test.ts'],
        },
      },
      { extends: true, test: { name: 'grid', include: ['e2e/grid/**/*.test.ts'], testTimeout: 60_000 } },
      { extends: true, test: { name: 'full', include: ['e2e/full/**/*.test.ts'], testTimeout: 600_000 } },
    ],
  },
});
