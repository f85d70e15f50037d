import { CodedError } from '../../../shared/coded-error.ts';
import type { LegSide } from '../../../shared/leg-side.ts';
import type { LegSettings } from '../offer-answer/leg-settings.ts';
import { legText, noLeg } from '../offer-answer/leg-text.ts';

/** RFC 863, discard, on the machine of FreeSWITCH itself: 0.0.0.0 would put the leg on hold (RFC 3264 §8.4). */
const nowhere = { address: '127.0.0.1', port: 9, rtcpPort: 10 };

/**
 * The offer by which FreeSWITCH is told of a leg: one codec, and one number for telephone-event. It takes the same number
 * for both directions; where a peer wants another one than we do, the direction counts in which card digits may go.
 * @throws {CodedError} `not-acceptable-media` where a codec has two numbers.
 */
export function legOffer(leg: LegSide, settings: LegSettings | undefined): string {
  if (settings === undefined) return legText({ ...noLeg, codecs: noLeg.codecs.slice(0, 1), remote: nowhere });
  const codec = settings.codecs.find(({ silence }) => silence !== null);
  if (codec === undefined || (codec.receive !== null && codec.receive !== codec.send))
    throw new CodedError('not-acceptable-media', 'a codec with two payload types');
  const event = settings.events.find(({ clockRate }) => clockRate === 8000);
  const number = leg === 'caller' ? (event?.receive ?? event?.send) : event?.send;
  const events = event === undefined || number === null || number === undefined ? [] : [{ ...event, send: number }];
  return legText({ ...settings, remote: settings.remote ?? nowhere, codecs: [codec], events });
}
