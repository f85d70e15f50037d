import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface TortureMessage {
  readonly name: string;
  readonly bytes: Buffer;
}

const folder = join(import.meta.dirname, '../../../shared/sip-torture');

/** The messages of RFC 4475 and RFC 5118, where a copy of them lies beside the repository; else none. */
export const tortureMessages: readonly TortureMessage[] = existsSync(folder)
  ? [
      ...read('rfc4475').map(({ name, bytes }) => ({ name: name.replace('.dat', ''), bytes })),
      ...read('rfc5118').map(({ name, bytes }) => ({ name, bytes: mended(bytes) })),
    ]
  : [];

function read(part: string): TortureMessage[] {
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

/**
 * The same message, as long as it was, in a transaction and a call of its own: sent twice as it is, the second would only be
 * a repetition of the first. What has no branch or Call-ID to change stays as it is.
 */
export function afresh(bytes: Buffer, turn: number): Buffer {
  const stamp = (turn % 36 ** 4).toString(36).padStart(4, '0');
  const text = bytes
    .toString('latin1')
    .replace(/(branch=z9hG4bK)[\w.-]{4}/i, `$1${stamp}`)
    .replace(/^((?:call-id|i)[ \t]*:[ \t\r\n]*)[\w.-]{4}/im, `$1${stamp}`);
  return Buffer.from(text, 'latin1');
}

/** An OPTIONS that any server answers, whatever came before it. */
export function plainOptions(protocol: 'UDP' | 'TCP', id: string): string {
  return `OPTIONS sip:x@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/${protocol} 127.0.0.1:9;branch=z9hG4bK${id}\r\nFrom: <sip:t@t>;tag=1\r\nTo: <sip:x@x>\r\nCall-ID: ${id}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n`;
}
