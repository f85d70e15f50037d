import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { assembleWat } from '../src/vite.config.ts';
import { workers } from './support/free-ports.ts';

// Seven projects: `unit` needs nothing but Node and is what `npm run check` runs; `long` is like it but takes seconds
// (storms of commands, thousands of presses, sockets by the dozen); `system` starts the built gateway and real peers (SIPp, tshark,
// Chromium …), a few files side by side because they mostly wait (each worker has ports of its own, see
// support/free-ports.ts); `pairs` is like it, but what its tests show takes real time, most of which they wait (for leases, for keys
// one after the other): no more than three files side by side, whatever the machine; `engines` are media
// engines without a gateway, whose tests measure time and use a tenth of it: two side by side, when the others have ended; `alone` is like
// `system`, but what its tests measure is time: one file after another; `bench` is run by name.
const root = fileURLToPath(new URL('..', import.meta.url));
// A drachtio-server that all share gives a new call to any gateway that is linked to it: then there may be one at a time.
const systemWorkers = /^[^/]/.test(process.env['TONELOCK_TEST_DRACHTIO'] ?? '') ? 1 : workers;
const common = {
  root,
  environment: 'node' as const,
  restoreMocks: true,
  // What was translated stays so until it changes, and for the next project.
  experimental: { fsModuleCache: true },
};

/** Files that take more than half a minute, longest first: what begins last is what the others wait for. */
const slow = [
  ...[
    'panel-for-everybody',
    'panel-entries',
    'postgres',
    'panel-setbacks-ja',
    'panel-setbacks-en',
    'panel-payments-ja',
  ],
  ...['panel-payments-en', 'after-the-calls', 'drachtio', 'doctor', 'freeswitch-calls', 'postgres-gateway'],
  ...['drachtio-outbound', 'refunds', 'canary', 'gateways', 'capture-failures', 'panel-lifetime', 'panel-embedding'],
  ...['sipp-calls', 'panel', 'postgres-take-over', 'psp-crash', 'webhooks', 'kamailio', 'gateways-doctor', 'main-job'],
  ...['gateways-deaths', 'tones', 'many-calls', 'gateways-cut-off'],
];

/** The rest by their size, as Vitest has it where it knows no former run. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const at = slow.indexOf(basename(moduleId, '.test.ts'));
      return at < 0 ? slow.length : at;
    };
    return (await super.sort(files)).toSorted((a, b) => place(a) - place(b));
  }
}

export default defineConfig({
  test: {
    reporters: ['default'],
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        plugins: [assembleWat],
        test: {
          ...common,
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          // A property takes a second, and on a busy machine ten times that.
          testTimeout: 60_000,
          // A thread for every core, and one for many files: starting one for each took most of the time.
          pool: 'threads',
          maxWorkers: '100%',
          isolate: false,
          sequence: { groupOrder: 0 },
        },
      },
      {
        plugins: [assembleWat],
        test: {
          ...common,
          name: 'long',
          include: ['test/long/**/*.test.ts'],
          testTimeout: 120_000,
          // Half of their time they wait.
          maxWorkers: 4,
          sequence: { groupOrder: 1 },
        },
      },
      {
        plugins: [assembleWat],
        test: {
          ...common,
          name: 'system',
          include: ['test/system/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          maxWorkers: systemWorkers,
          isolate: false,
          sequence: { groupOrder: 2 },
        },
      },
      {
        plugins: [assembleWat],
        test: {
          ...common,
          name: 'pairs',
          include: ['test/pairs/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          maxWorkers: Math.min(3, systemWorkers),
          sequence: { groupOrder: 3 },
        },
      },
      {
        plugins: [assembleWat],
        test: {
          ...common,
          name: 'engines',
          include: ['test/engines/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          maxWorkers: Math.min(2, availableParallelism()),
          sequence: { groupOrder: 4 },
        },
      },
      {
        plugins: [assembleWat],
        test: {
          ...common,
          name: 'alone',
          include: ['test/alone/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          maxWorkers: 1,
          sequence: { groupOrder: 5 },
        },
      },
      {
        plugins: [assembleWat],
        test: {
          ...common,
          name: 'bench',
          include: process.env['TONELOCK_BENCH'] === undefined ? [] : ['test/bench/**/*.bench.ts'],
          testTimeout: 1_800_000,
          maxWorkers: 1,
          sequence: { groupOrder: 6 },
        },
      },
    ],
  },
});
