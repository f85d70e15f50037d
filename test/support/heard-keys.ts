import { ToneDetector } from '../../src/cde/dtmf/tone-detector.ts';
import { keyNames } from './key-names.ts';

export interface HeardKey {
  readonly key: string;
  readonly start: number;
  readonly end: number;
  /** Samples that had been fed when the key was certain. */
  readonly decided: number;
}

/** Plays samples to a detector, so many at a time, and writes down what it reports. */
export function heardKeys(samples: Int16Array, packet = 160): HeardKey[] {
  const heard: HeardKey[] = [];
  let fed = 0;
  let begun: { key: string; start: number; decided: number } | undefined;
  const detector = new ToneDetector({
    onTone: (key, start) => {
      begun = { key: keyNames[key] ?? '?', start, decided: fed };
    },
    onEnd: (_, end) => {
      if (begun !== undefined) heard.push({ ...begun, end });
      begun = undefined;
    },
  });
  for (let at = 0; at < samples.length; at += packet) {
    const piece = samples.subarray(at, at + packet);
    fed += piece.length;
    detector.feed(piece, piece.length);
  }
  detector.end();
  return heard;
}

/** The keys alone, as one word. */
export const heardWord = (samples: Int16Array): string =>
  heardKeys(samples)
    .map((one) => one.key)
    .join('');
