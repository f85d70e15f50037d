import { type PressShape, ToneTrack } from './tone-generator.ts';

export const card = '4111111111111111';

/** A card keyed by somebody whose telephone knows no events. */
export function keyedCard(shape: PressShape = {}, pauseMs = 60): Int16Array {
  const track = new ToneTrack().silence(60);
  for (const key of card) track.press(key, { ms: 80, ...shape }).silence(pauseMs);
  return track.silence(100).samples();
}

export const oneKey = (key: string, ms: number, lead = 0): Int16Array =>
  new ToneTrack().silence(lead).press(key, { ms }).silence(200).samples();

/** Something that is no key and is heard. */
export const noise = (ms: number): Int16Array => new ToneTrack(9).silence(ms).underNoise(-25).samples();

/** Longest stretch of sound in ms, and how much of it there is; a break of 2 ms is none. */
export function sounding(samples: Int16Array): { longestMs: number; allMs: number } {
  let longest = 0;
  let all = 0;
  let from = -1;
  let last = -1;
  for (let n = 0; n < samples.length; n += 1) {
    if (Math.abs(samples[n] ?? 0) < 100) continue;
    all += 1;
    if (from < 0 || n - last > 16) from = n;
    last = n;
    longest = Math.max(longest, n - from + 1);
  }
  return { longestMs: longest / 8, allMs: all / 8 };
}
