import { parse, type SessionDescription } from 'sdp-transform';

export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** What a phone needs of the other side's description. */
export interface RemoteMedia {
  readonly address: string;
  readonly port: number;
  /** undefined where the other side takes no events. */
  readonly eventType: number | undefined;
  /** As the other side says it, of its own sending. */
  readonly direction: Direction;
}

export const ownEventType = 101;

/** An offer or an answer of PCMU and events (RFC 4566, RFC 3264, RFC 4733 §7.1.1). */
export function describe(
  address: string,
  port: number,
  version: number,
  direction: Direction = 'sendrecv',
  eventType: number | null = ownEventType,
): string {
  const events = eventType === null ? [] : [`a=rtpmap:${eventType} telephone-event/8000`, `a=fmtp:${eventType} 0-15`];
  return [
    'v=0',
    `o=- 1 ${version} IN ${address.includes(':') ? 'IP6' : 'IP4'} ${address}`,
    's=-',
    `c=IN ${address.includes(':') ? 'IP6' : 'IP4'} ${address}`,
    't=0 0',
    `m=audio ${port} RTP/AVP 0${eventType === null ? '' : ` ${eventType}`}`,
    'a=rtpmap:0 PCMU/8000',
    ...events,
    'a=ptime:20',
    `a=${direction}`,
    '',
  ].join('\r\n');
}

/** @returns undefined where there is no audio stream that a PCMU phone could take part in. */
export function readMedia(sdp: string): RemoteMedia | undefined {
  const session: SessionDescription = parse(sdp);
  const audio = session.media.find((media) => media.type === 'audio' && media.port !== 0);
  const address = audio?.connection?.ip ?? session.connection?.ip;
  if (audio === undefined || address === undefined) return undefined;
  if (
    !String(audio.payloads ?? '')
      .split(' ')
      .includes('0')
  )
    return undefined;
  return {
    address,
    port: audio.port,
    eventType: audio.rtp.find((one) => one.codec.toLowerCase() === 'telephone-event')?.payload,
    direction: audio.direction ?? session.direction ?? 'sendrecv',
  };
}

/** What we say to what they said (RFC 3264 §6.1). */
export const mirrored: Readonly<Record<Direction, Direction>> = {
  sendrecv: 'sendrecv',
  sendonly: 'recvonly',
  recvonly: 'sendonly',
  inactive: 'inactive',
};
