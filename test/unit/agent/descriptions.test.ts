import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { routeTable } from '../../../src/agent/agent-api.ts';
import { frameSchemas } from '../../../src/agent/frame.ts';
import { PanelTickets } from '../../../src/agent/panel-tickets.ts';
import { sessionEventSchemas } from '../../../src/payment/session-event.ts';
import { errorCodes } from '../../../src/shared/coded-error.ts';
import { callEventSchemas } from '../../../src/telephony/call-view.ts';
import { ask, type House, openHouse } from './fake-house.ts';

let house: House;
// biome-ignore lint/suspicious/noExplicitAny: documents of any depth
let openApi: any;
// biome-ignore lint/suspicious/noExplicitAny: documents of any depth
let asyncApi: any;
beforeAll(async () => {
  house = await openHouse();
  openApi = (await ask(house, 'GET /openapi.json', { token: '' })).json;
  asyncApi = (await ask(house, 'GET /asyncapi.json', { token: '' })).json;
});
afterAll(() => house.api.close());

/** Every `$ref` of a document. */
function references(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return [];
  const own = '$ref' in node && typeof node.$ref === 'string' ? [node.$ref] : [];
  return [...own, ...Object.values(node).flatMap(references)];
}

function resolves(document: unknown, reference: string): boolean {
  const steps = reference.replace(/^#\//, '').split('/');
  return (
    steps.reduce<unknown>((node, step) => (node as Record<string, unknown> | undefined)?.[step], document) !== undefined
  );
}

describe('OpenAPI', () => {
  test('describes every route of the table, and no other', () => {
    const more = { tickets: new PanelTickets(house.clock), framers: [], metricSamples: async () => [] };
    const table = routeTable({ ...house, ...more, metricsText: async () => '' }).map(
      ({ method, path }) => `${method} ${path}`,
    );
    const described = Object.entries<object>(openApi.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(described.toSorted()).toEqual(table.toSorted());
    expect(table.length).toBeGreaterThan(20);
  });

  test.each([
    'GET /healthz',
    'GET /readyz',
    'GET /metrics',
    'GET /v1/calls',
    'POST /v1/calls/{callId}/session',
    'GET /v1/sessions/{id}',
    'DELETE /v1/sessions/{id}',
    'PUT /v1/sessions/{id}/psp',
    'PATCH /v1/sessions/{id}/details',
    'POST /v1/sessions/{id}/payments',
    'DELETE /v1/sessions/{id}/payments/{n}',
    'POST /v1/sessions/{id}/captures',
    'DELETE /v1/sessions/{id}/captures/current',
    'POST /v1/sessions/{id}/authorise',
    'POST /v1/sessions/{id}/surcharge',
    'POST /v1/sessions/{id}/retry',
    'POST /v1/sessions/{id}/new-payment',
    'POST /v1/sessions/{id}/cancel',
    'POST /v1/sessions/{id}/enquiry',
    'GET /v1/calls/{callId}/transactions',
  ])('has %s', (line) => {
    const [method = '', path = ''] = line.split(' ');
    expect(openApi.paths[path][method.toLowerCase()]).toMatchObject({ operationId: expect.any(String) });
  });

  test('names each operation once, and every reference leads somewhere', () => {
    const ids = Object.values<object>(openApi.paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    );
    expect(new Set(ids).size).toBe(ids.length);
    expect(references(openApi).filter((reference) => !resolves(openApi, reference))).toEqual([]);
    expect(references(openApi).length).toBeGreaterThan(50);
  });

  test('lists every problem code', () => {
    expect(openApi.components.schemas.Problem.properties.code.enum).toEqual([...Object.keys(errorCodes), 'internal']);
  });

  test('forbids no field in an answer, since clients must bear new ones', () => {
    expect(openApi.components.schemas.Session.additionalProperties).toBeUndefined();
    expect(openApi.components.schemas.CaptureRequest ?? openApi.components.schemas.RequestCaptureRequest).toMatchObject(
      {
        additionalProperties: false,
      },
    );
  });

  test('requires a body only where a command needs one', () => {
    expect(openApi.paths['/v1/sessions/{id}/captures'].post.requestBody.required).toBe(true);
    expect(openApi.paths['/v1/calls/{callId}/session'].post.requestBody.required).toBe(false);
  });
});

describe('AsyncAPI', () => {
  test('describes every event, the snapshot, what a client may say and its answer, and no other', () => {
    const types = [...Object.keys(sessionEventSchemas), ...Object.keys(callEventSchemas), 'snapshot'];
    const messages = [...types, 'resume', 'ping', 'pong'];
    expect(Object.keys(asyncApi.channels.events.messages).toSorted()).toEqual(messages.toSorted());
    expect(Object.keys(frameSchemas).toSorted()).toEqual(types.toSorted());
    expect(asyncApi.operations.sendEvents.messages).toHaveLength(types.length + 1);
    expect(asyncApi.operations.receiveMessages.messages).toHaveLength(2);
  });

  test('gives every frame its place and its own type', () => {
    for (const type of Object.keys(frameSchemas)) {
      const { properties, required } = asyncApi.components.schemas[type];
      expect(properties.type.const).toBe(type);
      expect(required).toEqual(expect.arrayContaining(['seq', 'type', 'at']));
    }
  });

  test('has no reference that leads nowhere', () => {
    expect(references(asyncApi).filter((reference) => !resolves(asyncApi, reference))).toEqual([]);
  });
});
