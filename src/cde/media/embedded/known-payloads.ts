import { Known } from '../../../shared/known.ts';
import type { LegSettings } from '../offer-answer/leg-settings.ts';
import type { SendingCodec } from './outgoing-stream.ts';

/** Lists that are the same in nearly every call. */
const codecs = new Known<LegSettings['codecs']>();
const events = new Known<LegSettings['events']>();
const wrappers = new Known<LegSettings['redundant']>();
const sending = new WeakMap<LegSettings['codecs'], readonly SendingCodec[]>();

/** The same settings, with the lists of payload types that other legs with the same ones have, too. */
export function withKnownPayloads(settings: LegSettings): LegSettings {
  const { remote, mux, srtp, listens, talks, ptimeMs } = settings;
  return {
    remote,
    mux,
    srtp,
    listens,
    talks,
    ptimeMs,
    codecs: codecs.of(settings.codecs),
    events: events.of(settings.events),
    redundant: wrappers.of(settings.redundant),
  };
}

/** What may be sent to a leg with these codecs, which are known ones. */
export function sendingCodecs(known: LegSettings['codecs']): readonly SendingCodec[] {
  const before = sending.get(known);
  if (before !== undefined) return before;
  const made = known.flatMap(({ send, clockRate, channels, silence }) =>
    send === null ? [] : [{ payloadType: send, clockRate, channels, silence }],
  );
  sending.set(known, made);
  return made;
}
