import { expect, test } from 'vitest';
import { alawTable, decodeG711, ulawTable } from '../../../src/cde/dtmf/g711.ts';

// ITU-T G.711 tables 1 and 2: decoder output values, scaled from 13 and 14 bits to 16.
test.each([
  ['µ-law, largest', ulawTable, 0x80, 32124],
  ['µ-law, largest below zero', ulawTable, 0x00, -32124],
  ['µ-law, zero', ulawTable, 0xff, 0],
  ['µ-law, the other zero', ulawTable, 0x7f, 0],
  ['µ-law, smallest step', ulawTable, 0xfe, 8],
  ['µ-law, first of segment 2', ulawTable, 0xef, 132],
  ['A-law, largest', alawTable, 0xaa, 32256],
  ['A-law, largest below zero', alawTable, 0x2a, -32256],
  ['A-law, smallest', alawTable, 0xd5, 8],
  ['A-law, smallest below zero', alawTable, 0x55, -8],
  ['A-law, first of segment 2', alawTable, 0xc5, 264],
])('%s', (_, table, byte, sample) => {
  expect(table[byte]).toBe(sample);
});

test.each([
  ['µ-law', ulawTable, 255],
  ['A-law', alawTable, 256],
])('%s has a value for each code, the same on both sides of zero', (_, table, values) => {
  expect(new Set(table).size).toBe(values);
  for (let code = 0; code < 128; code += 1) expect(table[code]).toBe(-(table[code + 128] ?? 0) || 0);
});

test('bytes are decoded where they stand in a packet, and no others', () => {
  const samples = new Int16Array(4);
  decodeG711(ulawTable, Uint8Array.of(1, 2, 0x80, 0x00, 3), 2, 2, samples);
  expect([...samples]).toEqual([32124, -32124, 0, 0]);
});
