import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// Four projects: `unit` needs nothing but Node and is what `npm run check` runs; `long` is like it but takes seconds a
// test (storms of commands, thousands of presses); `system` starts the built gateway and real peers (SIPp, tshark,
// Chromium …), one file at a time because they share ports and cores; `bench` is run by name.
const root = fileURLToPath(new URL('..', import.meta.url));
const common = { root, environment: 'node' as const, restoreMocks: true };

export default defineConfig({
  test: {
    reporters: ['default'],
    projects: [
      {
        test: {
          ...common,
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          testTimeout: 10_000,
          // A worker for every core, and one process for many files: starting one for each took most of the time.
          maxWorkers: '100%',
          isolate: false,
        },
      },
      {
        test: {
          ...common,
          name: 'long',
          include: ['test/long/**/*.test.ts'],
          testTimeout: 120_000,
          maxWorkers: '100%',
        },
      },
      {
        test: {
          ...common,
          name: 'system',

          include: ['test/system/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          ...common,
          name: 'bench',

          include: process.env['TONELOCK_BENCH'] === undefined ? [] : ['test/bench/**/*.bench.ts'],
          testTimeout: 1_800_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
