import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mayTalk, readOrder } from '../../../src/panel/frame-protocol.ts';

const own = 'https://tonelock.example';

test.each([
  ['our own page', own, [], true],
  ['a listed page', 'https://crm.example', ['https://crm.example'], true],
  ['a listed page, written with a slash', 'https://crm.example', ['https://CRM.example/'], true],
  ['a page below a star', 'https://a.b.crm.example', ['https://*.crm.example'], true],
  ['the name behind the star itself', 'https://crm.example', ['https://*.crm.example'], false],
  ['a name that only ends alike', 'https://evilcrm.example', ['https://*.crm.example'], false],
  ['another scheme', 'http://a.crm.example', ['https://*.crm.example'], false],
  ['another port', 'https://crm.example:8443', ['https://crm.example'], false],
  ['a sandboxed frame', 'null', ['https://crm.example'], false],
  ['anybody where nobody is listed', 'https://crm.example', [], false],
])('%s may talk to the frame, or may not', (_, origin, listed, may) => {
  expect(mayTalk(origin, own, listed)).toBe(may);
});

test.each([
  [
    { tonelock: 1, type: 'hello', id: 'a' },
    { kind: 'order', id: 'a', order: { type: 'hello' } },
  ],
  [
    { tonelock: 1, type: 'start', ticket: 't', lang: 'ja', more: 'x' },
    { kind: 'order', id: null, order: { type: 'start', ticket: 't', lang: 'ja' } },
  ],
  [
    { tonelock: 1, type: 'open', details: { amount: 100, reference: null } },
    { kind: 'order', id: null, order: { type: 'open', details: { amount: 100, reference: null } } },
  ],
  [
    { tonelock: 1, type: 'open' },
    { kind: 'order', id: null, order: { type: 'open', details: {} } },
  ],
  [
    { tonelock: 1, type: 'start', sayings: { sayPan: 'Key it.' } },
    { kind: 'order', id: null, order: { type: 'start', sayings: { sayPan: 'Key it.' } } },
  ],
  [
    { tonelock: 1, type: 'start', sayings: { sayPan: 7 } },
    { kind: 'refused', id: null, why: 'message' },
  ],
  [
    { tonelock: 2, type: 'hello', id: 'b' },
    { kind: 'refused', id: 'b', why: 'version' },
  ],
  [
    { tonelock: 1, type: 'authorise' },
    { kind: 'refused', id: null, why: 'message' },
  ],
  [
    { tonelock: 1, type: 'start', token: 7 },
    { kind: 'refused', id: null, why: 'message' },
  ],
  [
    { tonelock: 1, type: 'open', details: { a: { b: 1 } } },
    { kind: 'refused', id: null, why: 'message' },
  ],
  [
    { tonelock: 1, type: 'open', details: [1] },
    { kind: 'refused', id: null, why: 'message' },
  ],
  [{ type: 'webpackOk' }, undefined],
  ['hello', undefined],
  [null, undefined],
])('the message %j is read as %j', (data, read) => {
  expect(readOrder(data)).toEqual(read);
});

test('whatever a page says, the frame reads it without falling over', () => {
  fc.assert(
    fc.property(fc.anything(), fc.anything(), (type, details) => {
      const read = readOrder({ tonelock: 1, type, details });
      expect(['order', 'refused']).toContain(read?.kind);
    }),
  );
});
