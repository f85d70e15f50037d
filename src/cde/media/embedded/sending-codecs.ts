import type { LegSettings } from '../offer-answer/leg-settings.ts';
import type { SendingCodec } from './outgoing-stream.ts';

/** By the list that they follow from, which is the same one for most legs (`leg-order.ts`). */
const known = new WeakMap<LegSettings['codecs'], readonly SendingCodec[]>();

/** What may be sent to a leg with these codecs. */
export function sendingCodecs(codecs: LegSettings['codecs']): readonly SendingCodec[] {
  const before = known.get(codecs);
  if (before !== undefined) return before;
  const made = codecs.flatMap(({ send, clockRate, channels, silence }) =>
    send === null ? [] : [{ payloadType: send, clockRate, channels, silence }],
  );
  known.set(codecs, made);
  return made;
}
