import { z } from 'zod';
import type { MetricSample } from '../observability/metrics.ts';
import type { Readiness } from './readiness.ts';
import { type Route, route } from './route.ts';

const word = z.string().max(120);
export const consoleSchema = z.object({
  at: z.iso.datetime(),
  ready: z.boolean(),
  draining: z.boolean(),
  reasons: z.array(z.string()),
  mayDrain: z.boolean(),
  samples: z.array(z.object({ name: word, labels: z.record(word, word), value: z.number() })),
});

/** What the operator's page draws: the gateway's own metrics and its readiness, in one answer. */
export function consoleRoutes(
  readiness: Readiness,
  samples: () => Promise<MetricSample[]>,
  now: () => number,
): Route[] {
  return [
    route({
      name: 'getConsole',
      method: 'GET',
      path: '/v1/console',
      summary: "What the operator's page shows: readiness and the metrics of calls, captures, payments and media",
      permissions: ['console.read'],
      status: 200,
      body: null,
      answer: consoleSchema,
      run: async ({ actor }) => {
        const { ready, draining, reasons } = readiness.state();
        const state = { ready: ready && !draining, draining, reasons: [...reasons] };
        const mayDrain = actor.permissions.has('console.drain');
        return { value: { at: new Date(now()).toISOString(), ...state, mayDrain, samples: await samples() } };
      },
    }),
  ];
}
