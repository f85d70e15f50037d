import { z } from 'zod';
import { type Route, route } from './route.ts';

const documentSchema = z.record(z.string(), z.unknown());

/** The interfaces, machine-readable. Each document is written once, when first asked for. */
export function descriptionRoutes(openApi: () => object, asyncApi: () => object): Route[] {
  const once = (write: () => object): (() => { value: Record<string, unknown> }) => {
    let document: object | undefined;
    return () => {
      document ??= write();
      return { value: document as Record<string, unknown> };
    };
  };
  const common = { method: 'GET', permissions: [], status: 200, body: null, answer: documentSchema } as const;
  return [
    route({
      ...common,
      name: 'getOpenApi',
      path: '/openapi.json',
      summary: 'This interface as OpenAPI 3.1',
      run: once(openApi),
    }),
    route({
      ...common,
      name: 'getAsyncApi',
      path: '/asyncapi.json',
      summary: 'The events on the WebSocket as AsyncAPI 3.0',
      run: once(asyncApi),
    }),
  ];
}
