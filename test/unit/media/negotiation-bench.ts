import { Negotiation, type NegotiationOptions } from '../../../src/cde/media/offer-answer/negotiation.ts';
import { CodedError } from '../../../src/shared/coded-error.ts';

type Srtp = NegotiationOptions['srtp'];

export const newNegotiation = (srtp: Srtp = { caller: 'refuse', agent: 'refuse' }) =>
  new Negotiation({
    srtp,
    address: '192.0.2.1',
    ports: { caller: 20_000, agent: 20_002 },
    sessionIds: { caller: 11, agent: 22 },
    isOurs: (address, port) => address === '192.0.2.1' && port === 20_002,
  });

interface SdpParts {
  readonly formats?: string;
  readonly attributes?: readonly string[];
  readonly address?: string;
  readonly port?: number;
  readonly protocol?: string;
  readonly before?: readonly string[];
  readonly after?: readonly string[];
}

export function sdp(parts: SdpParts = {}): string {
  const { formats = '0 8 101', address = '198.51.100.7', port = 4000, protocol = 'RTP/AVP' } = parts;
  const family = address.includes(':') ? 'IP6' : 'IP4';
  return [
    'v=0',
    `o=- 1 1 IN ${family} ${address}`,
    's=-',
    `c=IN ${family} ${address}`,
    't=0 0',
    ...(parts.before ?? []),
    `m=audio ${port} ${protocol} ${formats}`,
    ...(parts.attributes ?? ['a=rtpmap:101 telephone-event/8000', 'a=fmtp:101 0-16']),
    ...(parts.after ?? []),
    '',
  ].join('\r\n');
}

export const noEvents: readonly string[] = [];
export const line = (text: string, start: string): string | undefined =>
  text.split('\r\n').find((each) => each.startsWith(start));
export const formatsOf = (text: string): string => line(text, 'm=audio')?.split(' ').slice(3).join(' ') ?? '';
export const codeOf = (act: () => unknown): string => {
  try {
    act();
    return 'none';
  } catch (error) {
    return error instanceof CodedError ? error.code : 'thrown past the layer';
  }
};
