import type { z } from 'zod';
import { refundViewSchema } from '../payment/refund.ts';
import { sessionViewSchema } from '../payment/session-view.ts';
import { transactionSchema } from '../payment/transaction.ts';
import { type ErrorCode, errorCodes } from '../shared/coded-error.ts';
import { callViewSchema } from '../telephony/call-view.ts';
import { componentSchemas, reference } from './json-schema.ts';
import { problemMediaType, problemSchema } from './problem.ts';
import { everybody, type Route } from './route.ts';

export const apiVersion = '1.0.0';

/** Views that more than one answer holds, by the names they have in the documents. */
export const viewSchemas: ReadonlyMap<string, z.ZodType> = new Map<string, z.ZodType>([
  ['Call', callViewSchema],
  ['Session', sessionViewSchema],
  ['Transaction', transactionSchema],
  ['Refund', refundViewSchema],
  ['Problem', problemSchema],
]);

const isOpen = ({ permissions }: Route): boolean => permissions.length === 0;

/** Codes that any route behind a token may give. */
const commonProblems: readonly ErrorCode[] = ['bad-request', 'unauthenticated', 'forbidden', 'too-many-requests'];

/** Describes the route table as OpenAPI 3.1. */
export function openApiDocument(routes: readonly Route[]): object {
  const named = new Map(viewSchemas);
  const nameOf = (schema: z.ZodType, fallback: string): string => {
    const known = [...named].find(([, other]) => other === schema)?.[0];
    if (known === undefined) named.set(fallback, schema);
    return known ?? fallback;
  };
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    const path = paths[route.path] ?? {};
    paths[route.path] = { ...path, [route.method.toLowerCase()]: operation(route, nameOf) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'tonelock agent API', version: apiVersion, license: { name: 'MIT', identifier: 'MIT' } },
    paths,
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
      schemas: componentSchemas(named),
    },
  };
}

function operation(route: Route, nameOf: (schema: z.ZodType, fallback: string) => string): object {
  const title = `${route.name.charAt(0).toUpperCase()}${route.name.slice(1)}`;
  const answer = reference(nameOf(route.answer, `${title}Answer`));
  const body = route.body && reference(nameOf(route.body, `${title}Request`));
  return {
    operationId: route.name,
    summary: route.summary,
    ...(isOpen(route)
      ? { security: [] }
      : {
          security: route.permissions.map((permission) => ({ bearer: [permission] })),
          description: `Permission: ${route.permissions.map((permission) => `\`${permission}\``).join(' or ')}.`,
        }),
    parameters: parameters(route),
    ...(body && {
      requestBody: {
        required: route.body?.safeParse(undefined).success !== true,
        content: { 'application/json': { schema: body } },
      },
    }),
    responses: {
      [route.status]: { description: 'Done', content: { [route.mediaType]: { schema: answer } } },
      ...problems(route),
    },
  };
}

function parameters(route: Route): object[] {
  const names = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  return [
    ...names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
    ...(isOpen(route)
      ? []
      : [
          {
            name: 'agent',
            in: 'query',
            description: `For \`crm.control\`: acts on the calls of this agent; \`${everybody}\` for all`,
            schema: { type: 'string' },
          },
        ]),
    ...route.query.map((name) => ({ name, in: 'query', required: true, schema: { type: 'string' } })),
    ...(route.replayable
      ? [
          {
            name: 'Idempotency-Key',
            in: 'header',
            description: 'The same key with the same request is answered again with the first answer',
            schema: { type: 'string', minLength: 1, maxLength: 255 },
          },
        ]
      : []),
  ];
}

/** Problem codes by status. */
function problems(route: Route): Record<string, object> {
  const codes = new Set<ErrorCode>([
    ...(isOpen(route) ? [] : commonProblems),
    ...(route.replayable ? (['idempotency-key-reused'] as const) : []),
    ...route.problems,
  ]);
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes) byStatus.set(errorCodes[code], [...(byStatus.get(errorCodes[code]) ?? []), code]);
  const content = { [problemMediaType]: { schema: reference('Problem') } };
  const listed = [...byStatus].map(([status, group]) => [status, { description: group.join(', '), content }]);
  return { ...Object.fromEntries(listed), default: { description: 'Any other problem', content } };
}
