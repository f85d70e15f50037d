import type { KeyWays } from '../media-engine.ts';
import type { LegSettings } from './leg-settings.ts';

/** By which ways keys can come from a leg that was negotiated so. One codec in which no tone can be found is enough for no. */
export function keyWays({ codecs, events }: LegSettings): KeyWays {
  const sounds = codecs.filter(({ receive, silence }) => receive !== null && silence !== null);
  return {
    events: events.some(({ receive }) => receive !== null),
    tones: sounds.length > 0 && sounds.every(({ silence }) => silence === 'PCMU' || silence === 'PCMA'),
  };
}
