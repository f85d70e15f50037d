import { expect, test } from 'vitest';
import { newToken, newUuid } from '../../../src/sip-server/message/token.ts';

const many = 2_000;
const drawn = (draw: () => string): string[] => Array.from({ length: many }, draw);

test('a token is 80 bits as hex, and never comes again', () => {
  const tokens = drawn(newToken);
  expect(tokens.every((token) => /^[0-9a-f]{20}$/.test(token))).toBe(true);
  expect(new Set(tokens).size).toBe(many);
});

test('an id is a random UUID of RFC 9562 §5.4, and never comes again', () => {
  const ids = drawn(newUuid);
  const shape = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  expect(ids.every((id) => shape.test(id))).toBe(true);
  expect(new Set(ids).size).toBe(many);
});
