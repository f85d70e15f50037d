import { Known } from '../../../shared/known.ts';
import type { SilentCodec } from './silent-codec.ts';

/** A codec as SDP names it. `key` is the same text for the same codec, whatever its payload type. */
export interface Codec {
  readonly key: string;
  readonly name: string;
  readonly clockRate: number;
  readonly channels: number;
  /** Null for comfort noise, which accompanies a codec and cannot be the only one. */
  readonly silence: SilentCodec | null;
}

export interface Format {
  readonly payloadType: number;
  readonly codec: Codec;
  readonly fmtp: string | null;
}

export interface EventFormat {
  readonly payloadType: number;
  readonly clockRate: number;
  readonly fmtp: string | null;
}

/** Lists that are the same in nearly every call lie in memory once, and what is made of them can be kept with them. */
const formatLists = new Known<readonly Format[]>();
const eventLists = new Known<readonly EventFormat[]>();

/** @returns the list that stands for all that say the same. */
export const knownFormats = (formats: readonly Format[]): readonly Format[] =>
  formatLists.from(
    formats.map(({ payloadType, codec, fmtp }) => `${payloadType} ${codec.key} ${fmtp ?? ''}`).join('\n'),
    () => formats,
  );

export const knownEvents = (events: readonly EventFormat[]): readonly EventFormat[] =>
  eventLists.from(
    events.map(({ payloadType, clockRate, fmtp }) => `${payloadType} ${clockRate} ${fmtp ?? ''}`).join('\n'),
    () => events,
  );

/** Redundant payloads of RFC 2198, and the types that they wrap. */
export interface RedundantFormat extends EventFormat {
  readonly wraps: readonly number[];
}

/** Static payload types that need no rtpmap (RFC 3551 §6). G722's clock rate is 8000 by an old mistake (§4.5.2). */
const staticTypes: Readonly<Record<number, readonly [string, number, number]>> = {
  0: ['PCMU', 8000, 1],
  8: ['PCMA', 8000, 1],
  9: ['G722', 8000, 1],
  10: ['L16', 44_100, 2],
  11: ['L16', 44_100, 1],
  13: ['CN', 8000, 1],
  18: ['G729', 8000, 1],
};

const silences: Readonly<Record<string, SilentCodec | null>> = {
  PCMU: 'PCMU',
  PCMA: 'PCMA',
  G722: 'G722',
  G729: 'G729',
  OPUS: 'OPUS',
  L16: 'L16',
  CN: null,
};

/** Sampling rates at which L16 and comfort noise are met; any other is no codec that we know. */
const sampledRates = [8000, 16_000, 32_000, 44_100, 48_000];

const codecs = new Known<Codec>();

/** @returns the codec when we can make silence for it (or it is comfort noise), else undefined. */
export function codecOf(name: string, clockRate: number, channels: number): Codec | undefined {
  const upper = name.toUpperCase();
  const known = Object.hasOwn(silences, upper) && sampledRates.includes(clockRate);
  if (!known || (channels !== 1 && channels !== 2)) return undefined;
  const silence = silences[upper] ?? null;
  // A rate or number of channels that is not the codec's own is another codec by the same name.
  if (upper === 'OPUS' ? clockRate !== 48_000 : upper !== 'L16' && upper !== 'CN' && clockRate !== 8000)
    return undefined;
  if (upper !== 'OPUS' && upper !== 'L16' && channels !== 1) return undefined;
  const written = upper === 'OPUS' ? 'opus' : upper;
  const key = `${written}/${clockRate}/${channels}`;
  return codecs.from(key, () => ({ key, name: written, clockRate, channels, silence }));
}

export function staticCodec(payloadType: number): Codec | undefined {
  const known = staticTypes[payloadType];
  return known === undefined ? undefined : codecOf(...known);
}

export const isG711 = (codec: Codec): boolean => codec.silence === 'PCMU' || codec.silence === 'PCMA';

/** G.711 of both laws: what is offered where nobody has said anything yet, and beside the one law, since we turn it into the other. */
export const bothLaws: readonly Format[] = [0, 8].flatMap((payloadType) => {
  const codec = staticCodec(payloadType);
  return codec === undefined ? [] : [{ payloadType, codec, fmtp: null }];
});
