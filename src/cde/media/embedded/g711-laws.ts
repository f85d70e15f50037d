import { alawTable, ulawTable } from '../../dtmf/g711.ts';

/** ITU-T G.711 from one law to the other, code word by code word. */
const segmentTop = 7;

export function ulawOf(sample: number): number {
  const magnitude = Math.min(32_635, Math.abs(sample)) + 0x84;
  const segment = segmentOf(magnitude);
  return ~((sample < 0 ? 0x80 : 0) | (segment << 4) | ((magnitude >> (segment + 3)) & 0x0f)) & 0xff;
}

export function alawOf(sample: number): number {
  const magnitude = Math.min(32_767, sample < 0 ? -sample - 1 : sample);
  const segment = segmentOf(magnitude);
  const step = (magnitude >> (segment === 0 ? 4 : segment + 3)) & 0x0f;
  return ((sample < 0 ? 0 : 0x80) | (segment << 4) | step) ^ 0x55;
}

/** Each segment is twice as long as the one before; the lowest ends at 256 of 32,768. */
function segmentOf(magnitude: number): number {
  let segment = 0;
  while (segment < segmentTop && magnitude >> (segment + 8) !== 0) segment += 1;
  return segment;
}

export const ulawToAlaw = Uint8Array.from(ulawTable, alawOf);
export const alawToUlaw = Uint8Array.from(alawTable, ulawOf);
