/** ITU-T G.711 as tables: code words to 16-bit samples, and from one law to the other. */
const segments = 8;

function linearOfUlaw(code: number): number {
  const word = ~code & 0xff;
  const magnitude = ((((word & 0x0f) << 3) + 0x84) << ((word & 0x70) >> 4)) - 0x84;
  return (word & 0x80) !== 0 ? -magnitude : magnitude;
}

function linearOfAlaw(code: number): number {
  const word = code ^ 0x55;
  const segment = (word & 0x70) >> 4;
  const step = ((word & 0x0f) << 4) + 8;
  const magnitude = segment === 0 ? step : (step + 0x100) << (segment - 1);
  return (word & 0x80) !== 0 ? magnitude : -magnitude;
}

function ulawOf(sample: number): number {
  const magnitude = Math.min(32_635, Math.abs(sample)) + 0x84;
  const segment = segmentOf(magnitude >> 7);
  return ~((sample < 0 ? 0x80 : 0) | (segment << 4) | ((magnitude >> (segment + 3)) & 0x0f)) & 0xff;
}

function alawOf(sample: number): number {
  const magnitude = Math.min(32_767, sample < 0 ? -sample - 1 : sample);
  const segment = segmentOf(magnitude >> 7);
  const step = (magnitude >> (segment === 0 ? 4 : segment + 3)) & 0x0f;
  return ((sample < 0 ? 0 : 0x80) | (segment << 4) | step) ^ 0x55;
}

function segmentOf(high: number): number {
  let segment = 0;
  while (segment < segments - 1 && high >> (segment + 1) !== 0) segment += 1;
  return segment;
}

const table = (of: (code: number) => number) => Array.from({ length: 256 }, (_, code) => of(code));

export const ulawSamples = Int16Array.from(table(linearOfUlaw));
export const alawSamples = Int16Array.from(table(linearOfAlaw));
export const ulawToAlaw = Uint8Array.from(table((code) => alawOf(linearOfUlaw(code))));
export const alawToUlaw = Uint8Array.from(table((code) => ulawOf(linearOfAlaw(code))));
