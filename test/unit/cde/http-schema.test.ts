import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { httpPspSchema } from '../../../src/cde/door.ts';

const published = join(import.meta.dirname, '../../../src/cde/authorisation/http-psp.schema.json');

it('the published schema of the http adapter is the one that it checks with: tonelock psp-schema', () => {
  expect(JSON.parse(readFileSync(published, 'utf8'))).toEqual(JSON.parse(JSON.stringify(httpPspSchema())));
});
