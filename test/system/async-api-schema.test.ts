import schema from '@asyncapi/specs/schemas/3.0.0.json' with { type: 'json' };
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { expect, test } from 'vitest';
import { asyncApiDocument } from '../../src/agent/async-api.ts';

// Here and not among the unit tests because compiling the schema takes seconds.

test('the description of the events is AsyncAPI 3.0 by its official schema, and a broken one is not', () => {
  // The schema brings its own copy of the meta schema.
  const ajv = new Ajv({ meta: false, validateSchema: false, strict: false, allErrors: true });
  addFormats.default(ajv);
  const validate = ajv.compile(schema);
  expect(validate(asyncApiDocument()), JSON.stringify(validate.errors)).toBe(true);
  expect(validate({ ...asyncApiDocument(), operations: { send: { action: 'shout' } } })).toBe(false);
});
