import { isIP } from 'node:net';
import { parse } from 'sdp-transform';
import { CodedError } from '../../../shared/coded-error.ts';
import { Known } from '../../../shared/known.ts';
import {
  type Codec,
  codecOf,
  type EventFormat,
  type Format,
  knownEvents,
  knownFormats,
  type RedundantFormat,
  staticCodec,
} from './codec-table.ts';
import { type CryptoLine, readCrypto } from './crypto-attribute.ts';

export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** A media line that we do not take part in; it is kept so that answers and later offers have as many lines. */
export interface OtherLine {
  readonly type: string;
  readonly protocol: string;
  readonly payloads: string;
}

/** RFC 3551, RFC 4585, and the same with SRTP (RFC 3711, RFC 5124). */
export const protocols = ['RTP/AVP', 'RTP/AVPF', 'RTP/SAVP', 'RTP/SAVPF'] as const;

/** What we want to know of a peer's description: its one audio line (RFC 8866, RFC 3264). */
export interface Description {
  readonly address: string;
  readonly port: number;
  readonly rtcpPort: number;
  readonly mux: boolean;
  readonly protocol: (typeof protocols)[number];
  /** Keys that can be used, in the order of the peer's wishes. */
  readonly crypto: readonly CryptoLine[];
  readonly direction: Direction;
  readonly ptimeMs: number | null;
  readonly formats: readonly Format[];
  readonly events: readonly EventFormat[];
  readonly redundant: readonly RedundantFormat[];
  /** All lines in order; null stands for the audio line. */
  readonly lines: readonly (OtherLine | null)[];
}

const textMax = 8192;
const linesMax = 8;
const formatsMax = 64;
const cryptoMax = 16;
const ptimeMsMin = 10;
const ptimeMsMax = 200;

type Line = ReturnType<typeof parse>['media'][number];
type Formats = Pick<Description, 'formats' | 'events' | 'redundant'>;

/** All but the port of the audio line. Its RTCP port is null where the description names none. */
type Shape = Omit<Description, 'port' | 'rtcpPort'> & { readonly rtcpPort: number | null };

/** A telephone describes itself in the same words in each call, but for the line of its session and for its port. */
const shapes = new Known<Shape>();
const sessionLine = /^o=.*$/m;
/** The first audio line over RTP that is not refused (RFC 3264 §6), before and after its port. */
const audioPort = /^m=audio 0*([1-9]\d{0,4})(?= RTP\/S?AVPF?(?:\s|$))/m;
/** The discard port: whatever stands there is not looked at. */
const anyPort = 'm=audio 9';
/** Keys and passwords (RFC 4568, RFC 8839, RFC 8866 §5.12), which are not kept longer than their call. */
const ofOneCall = /^(?:a=(?:crypto|ice-pwd):|k=)/m;
const noKeys: readonly CryptoLine[] = [];

const refuse = (why: string): never => {
  throw new CodedError('not-acceptable-media', why);
};

/**
 * Reads a description that a peer has sent.
 * @throws {CodedError} `bad-request` for no description at all, `not-acceptable-media` for one that cannot be relayed.
 */
export function readDescription(sdp: string): Description {
  if (sdp.trim() === '') throw new CodedError('bad-request', 'no session description');
  if (sdp.length > textMax) return refuse('a session description of this size is not read');
  const port = Number(audioPort.exec(sdp)?.[1]);
  const text = sdp.replace(sessionLine, '').replace(audioPort, anyPort);
  const shape = ofOneCall.test(text) ? shapeOf(text) : shapes.from(text, () => shapeOf(text));
  if (!possiblePort(port)) return refuse('no address to send to');
  return { port, ...shape, rtcpPort: shape.mux ? port : (shape.rtcpPort ?? Math.min(65_535, port + 1)) };
}

function shapeOf(text: string): Shape {
  try {
    return describe(parse(text));
  } catch (error) {
    if (error instanceof CodedError) throw error;
    return refuse('a session description that cannot be read');
  }
}

function describe(session: ReturnType<typeof parse>): Shape {
  const { media } = session;
  if (media.length === 0 || media.length > linesMax) return refuse('no media line, or too many');
  const at = media.findIndex((line) => line.type === 'audio' && line.port > 0 && known(line.protocol) !== undefined);
  const audio = media[at];
  const protocol = audio === undefined ? undefined : known(audio.protocol);
  if (audio === undefined || protocol === undefined) return refuse('no audio over RTP');
  const connection = audio.connection ?? session.connection;
  const address = connection?.ip ?? '';
  if (!unicast(address, connection?.version)) return refuse('no address to send to');
  const rtcpPort = audio.rtcp?.port;
  return {
    address,
    rtcpPort: possiblePort(rtcpPort) ? rtcpPort : null,
    mux: audio.rtcpMux !== undefined,
    protocol,
    crypto: audio.crypto === undefined ? noKeys : cryptoOf(audio),
    direction: directionOf(audio, session, address),
    ptimeMs: ptimeOf(audio),
    ...formatsOf(audio),
    lines: media.map((line, i) => (i === at ? null : otherLine(line))),
  };
}

const known = (protocol: unknown): Description['protocol'] | undefined => protocols.find((one) => one === protocol);

const cryptoOf = (audio: Line): CryptoLine[] =>
  (audio.crypto ?? []).slice(0, cryptoMax).flatMap((line) => readCrypto(line) ?? []);

const possiblePort = (port: unknown): port is number =>
  Number.isInteger(port) && Number(port) > 0 && Number(port) < 65_536;

/** Literal addresses only, none of which reaches more than one host. 0.0.0.0 and :: are the old form of hold. */
function unicast(address: unknown, version: unknown): boolean {
  if (typeof address !== 'string' || isIP(address) === 0 || isIP(address) !== Number(version)) return false;
  if (isIP(address) === 6) return !/^ff/i.test(address) && !address.includes('%');
  const first = Number(address.split('.')[0]);
  return first < 224;
}

export const isUnspecified = (address: string): boolean => address === '0.0.0.0' || address === '::';

function directionOf(audio: Line, session: ReturnType<typeof parse>, address: string): Direction {
  const told = audio.direction ?? (session as { direction?: Direction }).direction ?? 'sendrecv';
  if (!isUnspecified(address)) return told;
  // RFC 3264 §8.4: a peer that names no address cannot hear, whatever it says of its direction.
  return told === 'sendrecv' || told === 'sendonly' ? 'sendonly' : 'inactive';
}

function ptimeOf(audio: Line): number | null {
  const { ptime } = audio;
  return typeof ptime === 'number' && ptime >= ptimeMsMin && ptime <= ptimeMsMax ? Math.round(ptime) : null;
}

function formatsOf(audio: Line): Formats {
  const formats: Format[] = [];
  const events: EventFormat[] = [];
  const redundant: RedundantFormat[] = [];
  for (const text of String(audio.payloads ?? '')
    .split(' ')
    .slice(0, formatsMax)) {
    const payloadType = /^\d{1,3}$/.test(text) ? Number(text) : 128;
    if (payloadType > 127 || [...formats, ...events, ...redundant].some((known) => known.payloadType === payloadType))
      continue;
    const map = audio.rtp.find(({ payload }) => payload === payloadType);
    const fmtp = safe(audio.fmtp.find(({ payload }) => payload === payloadType)?.config);
    if (map !== undefined && String(map.codec).toLowerCase() === 'telephone-event') {
      const clockRate = Number(map.rate ?? 8000);
      if ([8000, 16_000, 48_000].includes(clockRate)) events.push({ payloadType, clockRate, fmtp });
      continue;
    }
    if (map !== undefined && String(map.codec).toLowerCase() === 'red') {
      redundant.push({ payloadType, clockRate: Number(map.rate ?? 8000), fmtp, wraps: wrappedTypes(fmtp) });
      continue;
    }
    const codec = mapped(map) ?? (map === undefined ? staticCodec(payloadType) : undefined);
    if (codec !== undefined) formats.push({ payloadType, codec, fmtp });
  }
  if (!formats.some(({ codec }) => codec.silence !== null)) refuse('no codec that can be silenced');
  return { formats: knownFormats(formats), events: knownEvents(events), redundant };
}

/** RFC 2198 §5: `101/101/101`. */
const wrappedTypes = (fmtp: string | null): number[] =>
  fmtp !== null && /^\d{1,3}(?:\/\d{1,3}){1,8}$/.test(fmtp) ? fmtp.split('/').map(Number) : [];

const mapped = (map: Line['rtp'][number] | undefined): Codec | undefined =>
  map === undefined ? undefined : codecOf(String(map.codec), Number(map.rate), Number(map.encoding ?? 1));

/** Parameters go into descriptions of our own, so only plain text of a sane length is kept. */
const safe = (fmtp: unknown): string | null => {
  const text = fmtp === undefined ? '' : String(fmtp).trim();
  return /^[\x21-\x7e][\x20-\x7e]{0,199}$/.test(text) ? text : null;
};

function otherLine(line: Line): OtherLine {
  const type = /^\w{1,32}$/.test(line.type) ? line.type : 'application';
  const protocol = /^[\w/]{1,32}$/.test(line.protocol) ? line.protocol : 'RTP/AVP';
  const [payload = ''] = String(line.payloads ?? '').split(' ');
  return { type, protocol, payloads: /^[\w*.-]{1,32}$/.test(payload) ? payload : '0' };
}
