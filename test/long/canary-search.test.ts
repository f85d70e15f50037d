import { randomBytes, randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cvc, findDigits, pan } from '../support/canary.ts';

/** Test numbers that card schemes and providers publish: 16 (two kinds), 15, 14 and 19 digits. */
const cards = ['4111111111111111', '4012888888881881', '378282246310005', '30569309025904', '6205500000000000004'];
const values = (digits: string): number[] => [...digits].map(Number);
const bcd = (digits: string): Buffer => Buffer.from(`${digits}${digits.length % 2 === 1 ? 'f' : ''}`, 'hex');
const ints = (digits: string, write: (b: Buffer, value: number, at: number) => void, width: number): Buffer => {
  const bytes = Buffer.alloc(digits.length * width);
  for (const [n, value] of values(digits).entries()) write(bytes, value, n * width);
  return bytes;
};

/** How a careless line of code would let a card number out. */
const leaks: readonly [string, (digits: string) => string | Buffer][] = [
  ['as it is', (d) => `card ${d} declined`],
  ['inside a longer number', (d) => `ref=99${d}77`],
  ['in groups with blanks', (d) => d.replaceAll(/(\d{4})/g, '$1 ')],
  ['in groups with dashes', (d) => d.replaceAll(/(\d{4})/g, '$1-')],
  ['backwards', (d) => [...d].reverse().join('')],
  ['as a list in JSON', (d) => JSON.stringify({ keys: values(d) })],
  ['as a list of strings in indented JSON', (d) => JSON.stringify([...d], undefined, 2)],
  ['as a list with blanks', (d) => values(d).join(', ')],
  ['one a line', (d) => values(d).join('\n')],
  [
    'one a log line, beside another number',
    (d) =>
      values(d)
        .map((v) => `{"level":30,"n":7,"key":${v}}`)
        .join('\n'),
  ],
  [
    'one a log line behind a time',
    (d) =>
      values(d)
        .map((v, n) => `08:14:${10 + n}.${100 + n} pressed ${v} on leg`)
        .join('\n'),
  ],
  ['as packed decimals', bcd],
  ['as packed decimals behind half a byte', (d) => Buffer.from(`f${d}${d.length % 2 === 0 ? 'f' : ''}`, 'hex')],
  ['as bytes 0–9', (d) => Buffer.from(values(d))],
  ['as UTF-16, little end first', (d) => Buffer.from(d, 'utf16le')],
  ['as UTF-16, big end first', (d) => Buffer.from(d, 'utf16le').swap16()],
  ['as 16-bit integers', (d) => ints(d, (b, v, at) => b.writeUInt16BE(v, at), 2)],
  ['as 32-bit integers', (d) => ints(d, (b, v, at) => b.writeInt32LE(v, at), 4)],
  ['as 64-bit integers', (d) => ints(d, (b, v, at) => b.writeBigInt64LE(BigInt(v), at), 8)],
  ['as small integers of V8', (d) => ints(d, (b, v, at) => b.writeInt32LE(v, at + 4), 8)],
  ['as hexadecimal of its characters', (d) => Buffer.from(d).toString('hex')],
  ['as hexadecimal of its values', (d) => Buffer.from(values(d)).toString('hex')],
  ['percent-encoded', (d) => [...d].map((digit) => `%3${digit}`).join('')],
  ['in base64', (d) => Buffer.from(d).toString('base64')],
  ['in base64, one byte in', (d) => Buffer.from(`x${d}`).toString('base64')],
  ['in base64, within JSON', (d) => Buffer.from(JSON.stringify({ number: d, expiry: '12/30' })).toString('base64')],
  ['packed decimals in base64', (d) => bcd(d).toString('base64')],
  ['bytes in base64url', (d) => Buffer.from(values(d)).toString('base64url')],
  ['UTF-16 in base64', (d) => Buffer.from(d, 'utf16le').toString('base64')],
];

/** What a gateway says all day, and is no leak. */
function ordinary(): string {
  const lines = Array.from({ length: 60 }, (_, n) => [
    JSON.stringify({
      level: 30,
      time: 1_795_507_796_000 + n * 137,
      call: randomUUID(),
      msg: 'capture',
      digits: n % 20,
    }),
    JSON.stringify({ seq: n, type: 'capture.progress', at: new Date(1.79e12 + n * 99).toISOString(), digits: n % 17 }),
    JSON.stringify({ mask: '*'.repeat(n % 17), brand: 'visa', lastFour: '1881', callId: randomUUID() }),
    `tonelock_calls_total{direction="inbound"} ${n}`,
    `tonelock_rtp_packets_total{leg="caller",fate="relayed"} ${n * 977}`,
    `Via: SIP/2.0/UDP 127.0.0.1:${20_000 + n};branch=z9hG4bK${randomBytes(8).toString('hex')}`,
    `CSeq: ${n} INVITE\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15`,
    `{"hash":"${randomBytes(32).toString('hex')}","prev":"${randomBytes(32).toString('base64')}","amount":${n * 100}}`,
  ]);
  return lines.flat().join('\n');
}

const haystack = Buffer.from(ordinary());

describe('the canary', () => {
  describe.each(cards)('finds %s', (card) => {
    test.each(leaks)('%s', (_, leak) => {
      const planted = Buffer.concat([haystack, Buffer.from('\n'), Buffer.from(leak(card)), Buffer.from('\n')]);
      expect(findDigits('log', planted, [pan(card)])).not.toEqual([]);
    });
  });

  test('finds a part of a card number that is more than its last four', () => {
    for (const part of ['401288888888', '88881881', '881881', '401288', '28888888']) {
      expect(findDigits('log', `{"tail":"${part}"}`, [pan('4012888888881881')]), part).not.toEqual([]);
    }
    expect(findDigits('log', '{"lastFour":"1881"} ending in 1881', [pan('4012888888881881')])).toEqual([]);
  });

  test('takes six digits within an id for chance, and eight for a leak', () => {
    const secret = [pan('4012888888881881')];
    expect(findDigits('log', 'branch=z9hG4bKa401288cdef', secret)).toEqual([]);
    expect(findDigits('log', 'branch=z9hG4bKa40128888cdef', secret)).not.toEqual([]);
    expect(findDigits('log', 'a401288c', secret)).not.toEqual([]);
  });

  test('finds a security code that stands alone, as a string, a list or a form field', () => {
    expect(findDigits('log', 'code 9073 given', [cvc('9073')])).toHaveLength(1);
    expect(findDigits('log', '[9,0,7,3]', [cvc('9073')])).toHaveLength(1);
    expect(findDigits('log', '{"cvc":"737"}', [cvc('737')])).toHaveLength(1);
    expect(findDigits('log', 'number=x&cvc=737;y', [cvc('737')])).toHaveLength(1);
    expect(findDigits('log', 'port 29073, 190734 ms, id 9073a7', [cvc('9073')])).toHaveLength(1);
    expect(findDigits('log', 'port 29073, 190734 ms', [cvc('9073')])).toEqual([]);
  });

  test('says where and in which form', () => {
    expect(findDigits('frames', '..4111111111111111', [pan('4111111111111111')])).toContainEqual({
      where: 'frames',
      form: 'ascii',
      at: 2,
    });
  });

  test('is silent about what a gateway says all day', () => {
    const secrets = cards.map(pan);
    for (let round = 0; round < 5; round += 1) expect(findDigits('log', ordinary(), secrets)).toEqual([]);
  });

  test('is silent about random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 0, maxLength: 4096 }), (bytes) => {
        expect(findDigits('rtp', Buffer.from(bytes), [pan('4012888888881881'), pan('378282246310005')])).toEqual([]);
      }),
      { seed: 4733, numRuns: 50 },
    );
  });
});
