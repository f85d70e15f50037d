/*
 * One byte of G.711, as it stands on the line (µ-law with all bits inverted, A-law with every other one):
 *
 *    7   6   5   4   3   2   1   0
 *   +---+---+---+---+---+---+---+---+
 *   | S | segment   | step          |
 *   +---+---+---+---+---+---+---+---+
 */

const signBit = 0x80;
const segmentOf = (code: number): number => (code >> 4) & 0x07;
const stepOf = (code: number): number => code & 0x0f;

/** ITU-T G.711 table 2: µ-law is biased by 33 in 14 bits, which is 132 in our 16. */
const bias = 132;

function ulawSample(byte: number): number {
  const code = ~byte & 0xff;
  const size = (((stepOf(code) << 3) + bias) << segmentOf(code)) - bias;
  return (code & signBit) === 0 ? size : -size;
}

/** ITU-T G.711 table 1: A-law has 13 bits, three fewer than ours; its lowest two segments have the same step. */
function alawSample(byte: number): number {
  const code = byte ^ 0x55;
  const segment = segmentOf(code);
  const size = segment === 0 ? (stepOf(code) << 4) + 8 : ((stepOf(code) << 4) + 0x108) << (segment - 1);
  return (code & signBit) === 0 ? -size : size;
}

const tableOf = (sampleOf: (byte: number) => number): Int16Array =>
  Int16Array.from({ length: 256 }, (_, byte) => sampleOf(byte));

/** Linear 16-bit samples by received byte. */
export const ulawTable: Int16Array = tableOf(ulawSample);
export const alawTable: Int16Array = tableOf(alawSample);

/** Decodes `count` bytes at `offset` into `samples`, by one of the tables above. */
export function decodeG711(
  table: Int16Array,
  bytes: Uint8Array,
  offset: number,
  count: number,
  samples: Int16Array,
): void {
  for (let at = 0; at < count; at += 1) samples[at] = table[bytes[offset + at] as number] as number;
}
