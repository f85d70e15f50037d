import { asKeyCode, type KeyCode } from './key-code.ts';

/** All of in-band detection works on G.711's rate. */
export const sampleRateHz = 8000;

/** The frequencies of ITU-T Q.23: four rows of the keypad, then its four columns. */
export const toneHz: readonly number[] = [697, 770, 852, 941, 1209, 1336, 1477, 1633];
export const toneCount = 8;
/** Where the columns begin among the tones. */
export const firstColumn = 4;

/** Event codes (RFC 4733 §3.2) by row and column; the last column is A–D. */
const codes: readonly number[] = [1, 2, 3, 12, 4, 5, 6, 13, 7, 8, 9, 14, 10, 0, 11, 15];

/** @returns the key of two tones, `row` 0–3 and `column` 4–7. */
export const keyOfTones = (row: number, column: number): KeyCode =>
  asKeyCode(codes[row * 4 + column - firstColumn] ?? -1) as KeyCode;

/** Level of a sine by its peak in 16-bit samples: 0 dBm0 is a sine 3.14 dB below full scale (ITU-T G.711, µ-law). */
export const peakOfDbm0 = (dbm0: number): number => 32767 * 10 ** ((dbm0 - 3.14) / 20);
