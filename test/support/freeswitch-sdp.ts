import type { ChannelSettings, FreeswitchChannel } from './freeswitch-channel.ts';

/** @returns what a telephone's offer or answer asks of a channel; nothing when it has no sound that the stand-in speaks. */
export function settingsOf(sdp: string): ChannelSettings | undefined {
  const address = /^c=IN IP4 (\S+)/m.exec(sdp)?.[1];
  const [, port, types = ''] = /^m=audio (\d+) RTP\/AVP ([\d ]+)/m.exec(sdp) ?? [];
  const codec = types
    .split(' ')
    .map(Number)
    .find((type) => type === 0 || type === 8);
  if (address === undefined || port === undefined || codec === undefined) return undefined;
  const events = /^a=rtpmap:(\d+) telephone-event\/8000/m.exec(sdp)?.[1];
  return { address, port: Number(port), codec, events: events === undefined ? undefined : Number(events) };
}

/** @returns the body with which a channel offers or answers. */
export function description({ port, settings: { codec, events } }: FreeswitchChannel): string {
  const lines = [
    'v=0',
    'o=FreeSWITCH 1 1 IN IP4 127.0.0.1',
    's=FreeSWITCH',
    'c=IN IP4 127.0.0.1',
    't=0 0',
    `m=audio ${port} RTP/AVP ${codec}${events === undefined ? '' : ` ${events}`}`,
    `a=rtpmap:${codec} ${codec === 0 ? 'PCMU' : 'PCMA'}/8000`,
    ...(events === undefined ? [] : [`a=rtpmap:${events} telephone-event/8000`]),
  ];
  return `${lines.join('\r\n')}\r\n`;
}
