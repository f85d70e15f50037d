import { z } from 'zod';
import { type DemoControl, demoStateSchema } from './demo-control.ts';
import { type Route, route } from './route.ts';

export const customerActionSchema = z.strictObject({ action: z.enum(['call', 'hangUp']) });
export const customerKeySchema = z.strictObject({
  key: z.string().regex(/^[0-9*#]$/),
  /** As telephone-event, or as the sound that the key makes. */
  way: z.enum(['events', 'tones']).default('events'),
});
export const agentEarSchema = z.object({ last: z.number().int(), sound: z.string() });
export const keySentSchema = z.object({ sent: z.literal(true) });

/** The simulated customer. On loopback only and without a token, as whoever is there holds the simulated ones anyway. */
export function demoRoutes(demo: DemoControl): Route[] {
  return [
    route({
      name: 'getDemo',
      method: 'GET',
      path: '/v1/demo',
      summary: 'What the simulated customer is doing',
      permissions: [],
      status: 200,
      body: null,
      answer: demoStateSchema,
      run: () => ({ value: demo.state() }),
    }),
    route({
      name: 'hearAgent',
      method: 'GET',
      path: '/v1/demo/agent/ear/{after}',
      summary: "What the simulated agent's phone has heard after a packet: base64 of μ-law at 8 kHz",
      permissions: [],
      status: 200,
      body: null,
      answer: agentEarSchema,
      run: ({ path }) => ({
        value: demo.agentHears(/^\d{1,9}$/.test(path['after'] ?? '') ? Number(path['after']) : 0),
      }),
    }),
    route({
      name: 'directCustomer',
      method: 'POST',
      path: '/v1/demo/customer',
      summary: 'Lets the simulated customer call or hang up',
      permissions: [],
      status: 202,
      body: customerActionSchema,
      answer: demoStateSchema,
      run: async ({ body }) => {
        await (body.action === 'call' ? demo.call() : demo.hangUp());
        return { value: demo.state() };
      },
    }),
    route({
      name: 'pressCustomerKey',
      method: 'POST',
      path: '/v1/demo/customer/keys',
      summary: "Presses a key on the simulated customer's phone",
      permissions: [],
      status: 202,
      // The body is a digit of a card: not even its hash is kept, so a repeat is a second press.
      replayable: false,
      body: customerKeySchema,
      answer: keySentSchema,
      run: async ({ body }) => {
        await demo.press(body.key, body.way);
        return { value: { sent: true as const } };
      },
    }),
  ];
}
