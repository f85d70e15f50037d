import { z } from 'zod';
import type { Readiness } from './readiness.ts';
import { type Route, route } from './route.ts';

export const healthSchema = z.object({ status: z.literal('alive') });
export const readinessSchema = z.object({ ready: z.boolean(), reasons: z.array(z.string()), draining: z.boolean() });

/** What operators and their probes ask. */
export function operationRoutes(readiness: Readiness, metricsText: () => Promise<string>): Route[] {
  return [
    route({
      name: 'getHealth',
      method: 'GET',
      path: '/healthz',
      summary: 'The process is alive',
      permissions: [],
      status: 200,
      body: null,
      answer: healthSchema,
      run: () => ({ value: { status: 'alive' as const } }),
    }),
    route({
      name: 'getReadiness',
      method: 'GET',
      path: '/readyz',
      summary: 'Ready for calls; 503 with the reasons where it is not',
      permissions: [],
      status: 200,
      body: null,
      answer: readinessSchema,
      run: () => {
        const { ready, reasons, draining } = readiness.state();
        const takesCalls = ready && !draining;
        return { value: { ready: takesCalls, reasons: [...reasons], draining }, status: takesCalls ? 200 : 503 };
      },
    }),
    route({
      name: 'getMetrics',
      method: 'GET',
      path: '/metrics',
      summary: 'Prometheus metrics',
      permissions: [],
      status: 200,
      body: null,
      mediaType: 'text/plain; version=0.0.4; charset=utf-8',
      answer: z.string(),
      run: async () => ({ value: await metricsText() }),
    }),
    route({
      name: 'drain',
      method: 'POST',
      path: '/v1/drain',
      summary: 'Takes no new calls from here on; running ones go on',
      permissions: ['console.drain'],
      status: 202,
      body: z.strictObject({}).prefault({}),
      answer: readinessSchema,
      run: () => {
        readiness.drain();
        const { reasons, draining } = readiness.state();
        return { value: { ready: false, reasons: [...reasons], draining } };
      },
    }),
  ];
}
