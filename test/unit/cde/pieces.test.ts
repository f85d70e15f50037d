import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blankDigits } from '../../../src/cde/authorisation/wire/blank-digits.ts';
import { formPieces } from '../../../src/cde/authorisation/wire/form-pieces.ts';
import { type JsonWithDigits, jsonPieces } from '../../../src/cde/authorisation/wire/json-pieces.ts';
import { RequestBytes } from '../../../src/cde/authorisation/wire/request-bytes.ts';
import { liveWipeables } from '../../../src/cde/entry/wipe-registry.ts';
import { filledBuffer } from '../../support/filled-buffer.ts';

const text = (pieces: ReturnType<typeof jsonPieces>): string => {
  using request = new RequestBytes(pieces);
  return request.bytes.toString('utf8');
};

describe('a request in pieces', () => {
  it('is the JSON that everybody would write', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(text(jsonPieces(value as JsonWithDigits))).toBe(JSON.stringify(value));
      }),
    );
  });

  it('is the form that everybody can read', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.string({ unit: 'grapheme', minLength: 1 }), fc.string({ unit: 'grapheme' }))),
        (fields) => {
          expect([...new URLSearchParams(text(formPieces(fields)))]).toEqual(fields);
        },
      ),
    );
  });

  it('has the digits in it as they are, in one block that is wiped and put away', () => {
    const before = liveWipeables();
    const [number, code] = [filledBuffer('4111111111111111'), filledBuffer('123')];
    const request = new RequestBytes(
      jsonPieces({ card: { number, code }, name: 'Ō', none: undefined, list: [1, null] }),
    );
    const { bytes } = request;
    expect(JSON.parse(bytes.toString())).toEqual({
      card: { number: '4111111111111111', code: '123' },
      name: 'Ō',
      list: [1, null],
    });
    request[Symbol.dispose]();
    expect(bytes.every((byte) => byte === 0)).toBe(true);
    number[Symbol.dispose]();
    code[Symbol.dispose]();
    expect(liveWipeables()).toBe(before);
  });
});

it('digits are blanked wherever they stand in an answer, and its length stays', () => {
  const answer = Buffer.from('4111111111111111 and {"n":"4111111111111111"} but 411111111111');
  blankDigits(answer, Buffer.from('4111111111111111'));
  expect(answer.toString()).toBe('**************** and {"n":"****************"} but 411111111111');
});
