import { archive } from '../support/torture-messages.ts';
import { writtenMessages } from '../support/written-messages.ts';

/** Messages to be spoilt. */
export const corpus: readonly Buffer[] = [...writtenMessages, ...archive.map(({ bytes }) => bytes)];

const bits = [
  ...[' ', '\t', '\r\n', '\r\n ', '\n', ',', ';', '<', '>', '"', '\\', ':', '@', '\0', '\xff', '%', '[', ']', '=', '?'],
  ...['sip:', 'SIP/2.0', '99999999999', '-1', 'Via: ', 'Content-Length: 5\r\n', '%s%n', '%00', 'z9hG4bK'],
];

/** A stream of numbers that can be had again: from the same seed, the same messages. */
export function chance(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    // Numerical Recipes' linear congruence; good enough to spoil messages with.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** One message of the corpus, spoilt in one to six places. */
export function spoilt(below: (limit: number) => number): Buffer {
  let bytes: Buffer = Buffer.from(corpus[below(corpus.length)] ?? '');
  for (let left = 1 + below(6); left > 0 && bytes.length > 0; left -= 1) bytes = spoil(bytes, below);
  return bytes;
}

function spoil(bytes: Buffer, below: (limit: number) => number): Buffer {
  const at = below(bytes.length);
  switch (below(4)) {
    case 0: {
      bytes[at] = below(256);
      return bytes;
    }
    case 1: {
      const bit = (bits[below(bits.length)] ?? '').repeat(below(20) === 0 ? 500 : 1);
      return Buffer.concat([bytes.subarray(0, at), Buffer.from(bit, 'latin1'), bytes.subarray(at)]);
    }
    case 2:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + below(20))]);
    default: {
      const other = corpus[below(corpus.length)] ?? bytes;
      const from = below(other.length);
      return Buffer.concat([bytes.subarray(0, at), other.subarray(from, from + below(60)), bytes.subarray(at)]);
    }
  }
}
