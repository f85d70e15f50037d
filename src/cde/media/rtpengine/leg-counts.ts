import type { LegReport } from '../media-engine.ts';
import type { Bencoded, Dictionary } from './bencode.ts';
import { isDictionary } from './daemon.ts';

/** What the answer to `query` says of the RTP stream that came in from a leg. */
export interface LegCounts {
  readonly packets: number;
  readonly errors: number;
}

const nothing: LegCounts = { packets: 0, errors: 0 };

const inside = (value: Bencoded | undefined, key: string): Bencoded | undefined =>
  isDictionary(value) ? value[key] : undefined;
const first = (value: Bencoded | undefined): Bencoded | undefined => (Array.isArray(value) ? value[0] : undefined);

export function legCounts(answer: Dictionary, tag: string): LegCounts {
  const media = first(inside(inside(answer['tags'], tag), 'medias'));
  const stats = inside(first(inside(media, 'streams')), 'stats');
  if (!isDictionary(stats)) return nothing;
  return { packets: Number(stats['packets'] ?? 0), errors: Number(stats['errors'] ?? 0) };
}

/** rtpengine counts what comes in; what went out to a leg is told by nobody but the other leg. Jitter and loss are not told. */
export const reportOf = (own: LegCounts, other: LegCounts): LegReport => ({
  received: own.packets,
  sent: other.packets,
  lost: 0,
  jitterMs: 0,
  refused: own.errors,
});
