import { isIPv6 } from 'node:net';
import type { LegSettings } from './leg-settings.ts';

/** What of a leg's settings rtpengine needs to know. */
export type RelayedLeg = Pick<LegSettings, 'remote' | 'mux' | 'listens' | 'talks' | 'ptimeMs' | 'codecs' | 'events'>;

/** A leg of which nothing is known yet: any G.711, nowhere to send to. */
export const noLeg: RelayedLeg = {
  remote: null,
  mux: false,
  listens: true,
  talks: true,
  ptimeMs: 20,
  codecs: [
    { name: 'PCMU/8000/1', receive: 0, send: 0, clockRate: 8000, channels: 1, silence: 'PCMU' },
    { name: 'PCMA/8000/1', receive: 8, send: 8, clockRate: 8000, channels: 1, silence: 'PCMA' },
  ],
  events: [{ receive: 101, send: 101, clockRate: 8000 }],
};

/** RFC 863, discard: a port that no packet is sent to, since the address is none (RFC 3264 §8.4). */
const nowhere = { address: '0.0.0.0', port: 9, rtcpPort: 10 };

/**
 * What rtpengine is told of a leg: not what the peer wrote, but what our own negotiation made of it. So every engine
 * relays by the same offer/answer, and no text of a peer's reaches another program.
 */
export function legText(leg: RelayedLeg, direction: 'sendrecv' | 'recvonly' = 'sendrecv'): string {
  const { address, port, rtcpPort } = leg.remote ?? nowhere;
  const family = isIPv6(address) ? 'IP6' : 'IP4';
  const types = [...leg.codecs, ...leg.events].map(({ send }) => send);
  const lines = [
    'v=0',
    `o=- 1 1 IN ${family} ${address}`,
    's=-',
    `c=IN ${family} ${address}`,
    't=0 0',
    `m=audio ${port} RTP/AVP ${types.join(' ')}`,
    ...leg.codecs.map(
      ({ send, name, channels }) => `a=rtpmap:${send} ${channels === 1 ? name.replace(/\/1$/, '') : name}`,
    ),
    ...leg.events.map(({ send, clockRate }) => `a=rtpmap:${send} telephone-event/${clockRate}`),
    `a=ptime:${leg.ptimeMs}`,
    `a=${direction}`,
    leg.mux ? 'a=rtcp-mux' : `a=rtcp:${rtcpPort}`,
  ];
  return `${lines.join('\r\n')}\r\n`;
}

/** Codecs of one leg that the other does not have, by name: rtpengine turns one into the other. */
export function toTranscode(from: RelayedLeg, to: RelayedLeg): string[] {
  const had = new Set(from.codecs.map(({ name }) => name));
  return to.codecs
    .filter(({ name, silence }) => silence !== null && !had.has(name))
    .map(({ name }) => name.split('/', 1)[0] ?? '');
}
