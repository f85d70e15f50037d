import { isIPv4 } from 'node:net';
import { KnownOf } from '../../../shared/known-of.ts';
import type { EventFormat, Format } from './codec-table.ts';
import { type CryptoLine, writeCrypto } from './crypto-attribute.ts';
import type { Description, Direction, OtherLine } from './session-description.ts';

/** A description of ours, without the line that counts its versions. */
export interface OwnDescription {
  readonly address: string;
  readonly port: number;
  readonly mux: boolean;
  readonly protocol: Description['protocol'];
  readonly crypto: readonly CryptoLine[];
  readonly direction: Direction;
  readonly ptimeMs: number | null;
  readonly formats: readonly Format[];
  readonly events: readonly EventFormat[];
  readonly redundant: readonly EventFormat[];
  readonly lines: readonly (OtherLine | null)[];
}

/** Writes descriptions of one leg: one session id, and a version that rises with each change (RFC 8866 §5.2). */
export class DescriptionWriter {
  readonly #sessionId: number;
  #version = 0;
  /** What was written last, which those who ask for it again get as it is. */
  #written = '';

  constructor(sessionId: number) {
    this.#sessionId = sessionId;
  }

  write(own: OwnDescription): string {
    const body = bodyOf(own);
    if (this.#version === 0 || this.#textOf(own.address, body) !== this.#written) {
      this.#version += 1;
      this.#written = this.#textOf(own.address, body);
    }
    return this.#written;
  }

  #textOf(address: string, body: string): string {
    return `v=0\r\no=tonelock ${this.#sessionId} ${this.#version} IN ${family(address)} ${address}\r\n${body}`;
  }
}

const family = (address: string): string => (isIPv4(address) ? 'IP4' : 'IP6');

function bodyOf(own: OwnDescription): string {
  const head = ['s=-', `c=IN ${family(own.address)} ${own.address}`, 't=0 0'];
  const lines = own.lines.flatMap((line) =>
    // RFC 3264 §6: a line that is refused keeps its place, with port 0.
    line === null ? audioLines(own) : [`m=${line.type} 0 ${line.protocol} ${line.payloads}`],
  );
  return `${[...head, ...lines].join('\r\n')}\r\n`;
}

function audioLines(own: OwnDescription): string[] {
  const { types, maps } = payloads.from([own.formats, own.events, own.redundant], () => payloadsOf(own));
  return [
    `m=audio ${own.port} ${own.protocol} ${types}`,
    ...maps,
    ...(own.ptimeMs === null ? [] : [`a=ptime:${own.ptimeMs}`]),
    `a=${own.direction}`,
    ...own.crypto.map(writeCrypto),
    ...(own.mux ? ['a=rtcp-mux'] : [`a=rtcp:${own.port + 1}`]),
  ];
}

/** What is said of payload types: in the first line, and in lines of their own. */
interface Payloads {
  readonly types: string;
  readonly maps: readonly string[];
}

const payloads = new KnownOf<Payloads>();

const payloadsOf = ({ formats, events, redundant }: OwnDescription): Payloads => ({
  types: [...formats, ...events, ...redundant].map(({ payloadType }) => payloadType).join(' '),
  maps: [
    ...formats.flatMap(({ payloadType, codec, fmtp }) => {
      const channels = codec.channels === 1 ? '' : `/${codec.channels}`;
      return parameters(payloadType, `${codec.name}/${codec.clockRate}${channels}`, fmtp);
    }),
    ...events.flatMap(({ payloadType, clockRate, fmtp }) =>
      parameters(payloadType, `telephone-event/${clockRate}`, fmtp ?? '0-15'),
    ),
    ...redundant.flatMap(({ payloadType, clockRate, fmtp }) => parameters(payloadType, `red/${clockRate}`, fmtp)),
  ],
});

const parameters = (payloadType: number, map: string, fmtp: string | null): string[] => [
  `a=rtpmap:${payloadType} ${map}`,
  ...(fmtp === null ? [] : [`a=fmtp:${payloadType} ${fmtp}`]),
];
