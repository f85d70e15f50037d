import { z } from 'zod';
import { type Route, route } from './route.ts';

export const embeddingSchema = z.object({ origins: z.array(z.string()) });

/** Tells the panel's frame whom to listen to. No secret: the policy of every answer says the same (`frame-ancestors`). */
export function embeddingRoutes(framers: readonly string[]): Route[] {
  return [
    route({
      name: 'getEmbedding',
      method: 'GET',
      path: '/v1/embedding',
      summary: 'The origins whose pages may hold the panel in a frame and talk to it, beside the gateway’s own',
      permissions: [],
      status: 200,
      body: null,
      answer: embeddingSchema,
      run: () => ({ value: { origins: [...framers] } }),
    }),
  ];
}
