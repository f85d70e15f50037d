import { z } from 'zod';
import * as documents from './providers/http-document.ts';

const definitions = {
  authorise: documents.authoriseDocument,
  authoriseAnswer: documents.authoriseAnswer,
  enquire: documents.enquireDocument,
  enquireAnswer: documents.enquireAnswer,
  void: documents.voidDocument,
  voidAnswer: documents.voidAnswer,
  refund: documents.refundDocument,
  refundAnswer: documents.refundAnswer,
} as const;

/** What the `http` adapter and an operator's endpoint say to each other, as one JSON Schema (2020-12). */
export function httpPspSchema(): Record<string, unknown> {
  const plain = (schema: z.ZodType): unknown => {
    const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input' });
    return rest;
  };
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'tonelock: payment endpoint of the http adapter',
    description: [
      'The gateway POSTs one document of authorise, enquire, void or refund; the endpoint answers with status 200 and the',
      'document of the same name with "Answer", a decline included. The statuses',
      `${documents.nothingDoneStatuses.join(', ')} promise that nothing was done; every other one leaves a payment unknown.`,
      'The gateway sends an attempt again only after one of those, and with an accepted surcharge; whoever repeats an',
      'Idempotency-Key gets the same answer for a day.',
      '"not-paid" is a promise: a request that comes in after it is not charged.',
    ].join(' '),
    oneOf: ['authorise', 'enquire', 'void', 'refund'].map((name) => ({ $ref: `#/$defs/${name}` })),
    $defs: Object.fromEntries(Object.entries(definitions).map(([name, schema]) => [name, plain(schema)])),
  };
}
