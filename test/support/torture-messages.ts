import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writtenMessages } from './written-messages.ts';

/** What a server with an application that serves INVITE, OPTIONS and MESSAGE owes a message. */
export interface TortureMessage {
  readonly name: string;
  readonly bytes: Buffer;
  /** Final statuses, in order; none where RFC 3261 lets nothing be answered. */
  readonly overUdp: readonly number[];
  readonly overTcp: readonly number[];
  /** How its stream stands afterwards: whether the next message may follow, is still awaited within this one, or can never come. */
  readonly stream: 'open' | 'unfinished' | 'closed';
}

const folder = join(import.meta.dirname, '../../../shared/sip-torture');

/** The messages of RFC 4475 and RFC 5118, where a copy of them lies beside the repository; else none. */
export const archive: readonly { readonly name: string; readonly bytes: Buffer }[] = existsSync(folder)
  ? [
      ...read('rfc4475').map(({ name, bytes }) => ({ name: name.replace('.dat', ''), bytes })),
      ...read('rfc5118').map(({ name, bytes }) => ({ name, bytes: mended(bytes) })),
    ]
  : [];

function read(part: string): { name: string; bytes: Buffer }[] {
  return readdirSync(join(folder, part)).map((name) => ({ name, bytes: readFileSync(join(folder, part, name)) }));
}

/** RFC 5118's archive ends its lines in bare LF: mended as its README says. */
function mended(bytes: Buffer): Buffer {
  const text = bytes.toString('latin1').replaceAll('\r\n', '\n').replaceAll('\n', '\r\n');
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const body = rest.join('\r\n\r\n');
  return Buffer.from(
    `${head.trimEnd().replace(/Content-Length: *\d+/, `Content-Length: ${body.length}`)}\r\n\r\n${body}`,
    'latin1',
  );
}

/** What the RFCs ask for; where they leave a choice, what this server does. */
const answers: Readonly<Record<string, readonly number[]>> = {
  wsinv: [481],
  intmeth: [405],
  esc01: [486],
  escnull: [405],
  esc02: [405],
  lwsdisp: [200],
  longreq: [486],
  dblreq: [405],
  semiuri: [200],
  transports: [200],
  mpart01: [200],
  unreason: [],
  noreason: [],
  badinv01: [400],
  clerr: [400],
  ncl: [400],
  scalar02: [400],
  scalarlg: [],
  quotbal: [400],
  ltgtruri: [400],
  lwsruri: [400],
  lwsstart: [400],
  trws: [400],
  escruri: [400],
  baddate: [486],
  regbadct: [400],
  badaspec: [200],
  baddn: [400],
  badvers: [505],
  mismatch01: [400],
  mismatch02: [400],
  bigcode: [],
  badbranch: [200],
  insuf: [400],
  unkscm: [416],
  novelsc: [416],
  unksm2: [405],
  bext01: [420],
  invut: [415],
  regaut01: [405],
  multi01: [400],
  mcl01: [400],
  bcast: [],
  zeromf: [200],
  cparam01: [405],
  cparam02: [405],
  regescrt: [405],
  sdp01: [488],
  inv2543: [486],
  test: [],
  'ipv6-good': [405],
  'ipv6-bad': [400],
  'port-ambiguous': [405],
  'port-unambiguous': [405],
  'via-received-param-with-delim': [481],
  'via-received-param-no-delim': [200],
  'ipv6-in-sdp': [486],
  'mult-ip-in-header': [481],
  'mult-ip-in-sdp': [486],
  'ipv4-mapped-ipv6': [486],
  'ipv6-bug-abnf-3-colons': [200],
  'ipv6-correct-abnf-2-colons': [200],
};

/** Where a stream makes a difference: what has no Content-Length, or two, or too long a one, or no blank line (RFC 3261 §18.3). */
const streams: Readonly<Record<string, Pick<TortureMessage, 'overTcp' | 'stream'>>> = {
  clerr: { overTcp: [], stream: 'unfinished' },
  baddn: { overTcp: [], stream: 'unfinished' },
  test: { overTcp: [], stream: 'unfinished' },
  // What follows it is a second message on a stream, without Contact and with more behind it than its length says.
  dblreq: { overTcp: [405, 400], stream: 'closed' },
  inv2543: { overTcp: [400], stream: 'closed' },
  mcl01: { overTcp: [400], stream: 'closed' },
  ncl: { overTcp: [400], stream: 'closed' },
};

/** Of the project's own messages, in their order. */
const ownAnswers: readonly (readonly number[])[] = [
  ...[[486], [415], [], [481], [481], [200], [481], [503], [405], [503], [503], [], [], []],
];

function owed(name: string, bytes: Buffer, overUdp: readonly number[] | undefined): TortureMessage {
  if (overUdp === undefined) throw new Error(`nothing is said about the answer to ${name}`);
  return { name, bytes, overUdp, ...(streams[name] ?? { overTcp: overUdp, stream: 'open' }) };
}

/** All torture messages that are at hand: the project's own always, the archives of the RFCs where they lie beside it. */
export const tortureMessages: readonly TortureMessage[] = [
  ...archive.map(({ name, bytes }) => owed(name, bytes, answers[name])),
  ...writtenMessages.map((bytes, at) => {
    const name = `${at + 1}: ${bytes.toString('latin1').slice(0, 40).split('\r\n')[0]}`;
    return owed(name, bytes, ownAnswers[at]);
  }),
];

/**
 * The same message, as long as it was, in a transaction and a call of its own: sent twice as it is, the second would only be
 * a repetition of the first. What has no branch or Call-ID to change stays as it is.
 */
export function afresh(bytes: Buffer, turn: number): Buffer {
  const stamp = (turn % 36 ** 4).toString(36).padStart(4, '0');
  const text = bytes
    .toString('latin1')
    .replaceAll(/(branch\s*=\s*z9hG4bK)[\w.-]{4}/gi, `$1${stamp}`)
    .replaceAll(/^((?:call-id|i)[ \t]*:[ \t\r\n]*)[\w.-]{4}/gim, `$1${stamp}`);
  return Buffer.from(text, 'latin1');
}

/** An OPTIONS that any server answers, whatever came before it. */
export function plainOptions(protocol: 'UDP' | 'TCP', id: string): string {
  return `OPTIONS sip:x@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/${protocol} 127.0.0.1:9;branch=z9hG4bK${id}\r\nFrom: <sip:t@t>;tag=1\r\nTo: <sip:x@x>\r\nCall-ID: ${id}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n`;
}
