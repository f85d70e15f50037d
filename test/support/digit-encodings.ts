/** One way of writing digits down. */
export interface Encoded {
  readonly form: string;
  readonly bytes: Buffer;
}

/** Bytes as text in which every byte is one character, so that positions agree. */
export const textOf = (bytes: Buffer): string => bytes.toString('latin1');

const values = (digits: string): number[] => [...digits].map(Number);

/** Two digits a byte, the first in the upper half, from the first or the second digit on (ISO 8583 and others). */
function packed(digits: string, from: number, swapped: boolean): Buffer {
  const all = values(digits).slice(from);
  const pairs = Array.from(
    { length: Math.floor(all.length / 2) },
    (_, n) => [all[2 * n] ?? 0, all[2 * n + 1] ?? 0] as const,
  );
  return Buffer.from(pairs.map(([a, b]) => (swapped ? (b << 4) | a : (a << 4) | b)));
}

/** Each digit as an integer of `width` bytes. */
function integers(digits: string, width: 2 | 4 | 8, bigEndian: boolean): Buffer {
  const bytes = Buffer.alloc(digits.length * width);
  for (const [n, value] of values(digits).entries()) bytes[n * width + (bigEndian ? width - 1 : 0)] = value;
  // The outer zeros may belong to something else.
  return bigEndian ? bytes.subarray(width - 1) : bytes.subarray(0, bytes.length - width + 1);
}

/** What V8 keeps of an array of small integers on a 64-bit machine: the value in the upper half of eight bytes. */
const smallIntegers = (digits: string): Buffer =>
  Buffer.concat(values(digits).map((value) => Buffer.from([0, 0, 0, 0, value, 0, 0, 0])));

/** Base64 of `bytes` wherever they stand in what was encoded: three places within a group of three bytes. */
function base64(form: string, bytes: Buffer): Encoded[] {
  return [0, 1, 2].flatMap((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replaceAll('=', '');
    const whole = Math.floor(((shift + bytes.length) * 8) / 6);
    const text = encoded.slice(shift === 0 ? 0 : shift + 1, whole);
    const url = text.replaceAll('+', '-').replaceAll('/', '_');
    return [...new Set([text, url])].map((one) => ({ form: `base64 of ${form}`, bytes: Buffer.from(one) }));
  });
}

/** Every way of writing `digits` that a line of code could choose without meaning to. At least ten digits, or chance finds them. */
export function encodings(digits: string): Encoded[] {
  const ascii = Buffer.from(digits);
  const utf16 = Buffer.from(digits, 'utf16le');
  const raw = Buffer.from(values(digits));
  const bcd = packed(digits, 0, false);
  const plain: Encoded[] = [
    { form: 'ascii', bytes: ascii },
    { form: 'backwards', bytes: Buffer.from([...digits].reverse().join('')) },
    { form: 'utf-16le', bytes: utf16.subarray(0, -1) },
    { form: 'utf-16be', bytes: Buffer.from(utf16).swap16().subarray(1) },
    { form: 'bcd', bytes: bcd },
    { form: 'bcd', bytes: packed(digits, 1, false) },
    { form: 'bcd', bytes: packed(digits, 0, true) },
    { form: 'bcd', bytes: packed(digits, 1, true) },
    { form: 'bytes', bytes: raw },
    { form: 'small integers', bytes: smallIntegers(digits) },
    { form: 'hex of ascii', bytes: Buffer.from(ascii.toString('hex')) },
    { form: 'hex of bytes', bytes: Buffer.from(raw.toString('hex')) },
    { form: 'percent', bytes: Buffer.from([...digits].map((digit) => `%3${digit}`).join('')) },
  ];
  const wide = ([2, 4, 8] as const).flatMap((width) => [
    { form: 'integers', bytes: integers(digits, width, false) },
    { form: 'integers', bytes: integers(digits, width, true) },
  ]);
  const coded = [base64('ascii', ascii), base64('utf-16le', utf16), base64('bcd', bcd), base64('bytes', raw)].flat();
  return [...plain, ...wide, ...coded];
}

/** Digits with `least` to six signs between two of them that are neither letters nor digits; no digit just outside. */
export const spreadPattern = (digits: string, least: 0 | 1): RegExp =>
  new RegExp(`(?<![0-9A-Za-z.])${[...digits].join(`[^0-9A-Za-z]{${least},6}`)}(?![0-9A-Za-z.])`);
