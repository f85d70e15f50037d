import type { Socket } from 'node:net';
import { assert } from '../../../shared/assert.ts';
import type { Clock } from '../../../shared/clock.ts';
import type { DigitBuffer } from '../../entry/digit-buffer.ts';
import { type PspAnswer, readAnswer } from './answer-reader.ts';
import { openPspSocket } from './psp-socket.ts';
import type { PspTarget } from './psp-target.ts';
import { lengthOf, type Piece, RequestBytes } from './request-bytes.ts';

export interface PspRequest {
  readonly method: 'GET' | 'POST';
  /** Behind the target's own path; starts with a slash, or is empty. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: readonly Piece[];
  /** Digits that an answer may quote; they are blanked before anything reads it. */
  readonly quotable: readonly DigitBuffer[];
}

/**
 * What came of asking once. `lost` is everything after the first byte that is no whole answer; `not-sent` is certain: nothing
 * was written, or the far side has said that it did nothing with it (`refused`).
 */
export type Exchange =
  | ({ readonly kind: 'answered' } & PspAnswer)
  | { readonly kind: 'not-sent'; readonly code: 'connection-failed' | 'certificate-refused' | 'refused' }
  | { readonly kind: 'lost'; readonly code: 'connection-lost' };

export interface Line {
  readonly target: PspTarget;
  readonly clock: Clock;
  readonly connectMs: number;
}

/**
 * Asks a provider once, on a connection of its own: a kept one may be closing on the far side, and then nobody can say what
 * was read of the request. The request is written with one call, as bytes that are wiped when they are out. Never rejects.
 */
export async function exchange(line: Line, request: PspRequest, signal: AbortSignal): Promise<Exchange> {
  let socket: Socket;
  try {
    socket = await openPspSocket(line.target, line.clock, line.connectMs, signal);
  } catch {
    return { kind: 'not-sent', code: 'connection-failed' };
  }
  const hangUp = (): void => void socket.destroy();
  signal.addEventListener('abort', hangUp, { once: true });
  let alert = '';
  socket.on('error', (error: NodeJS.ErrnoException) => {
    alert = error.code ?? '';
  });
  try {
    const quotable = request.quotable.map((digits) => digits.expose());
    // An endpoint may answer, and close, before it has read everything.
    const [answer] = await Promise.all([readAnswer(socket, quotable), write(socket, line.target, request)]);
    return { kind: 'answered', ...answer };
  } catch {
    return refusedOurCertificate(alert)
      ? { kind: 'not-sent', code: 'certificate-refused' }
      : { kind: 'lost', code: 'connection-lost' };
  } finally {
    signal.removeEventListener('abort', hangUp);
    socket.destroy();
  }
}

/**
 * RFC 8446 §4.4.2.4: a server that does not take the client's certificate aborts the handshake, which under TLS 1.3 the
 * client learns only after it has written. A server never reads what came before the handshake was whole.
 */
const refusedOurCertificate = (alert: string): boolean =>
  /^ERR_SSL_(?:TLSV13|TLSV1|SSLV3)_ALERT_(?:CERTIFICATE_REQUIRED|BAD_CERTIFICATE|CERTIFICATE_\w+|UNSUPPORTED_CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED)$/.test(
    alert,
  );

function write(socket: Socket, target: PspTarget, request: PspRequest): Promise<void> {
  return new Promise((resolve, reject) => {
    const message = new RequestBytes([headOf(target, request), ...request.body]);
    // A socket that closes with the bytes still in its queue may forget the callback.
    socket.once('close', () => {
      message[Symbol.dispose]();
      reject(new Error('closed'));
    });
    socket.write(message.bytes, () => {
      message[Symbol.dispose]();
      resolve();
    });
  });
}

/** RFC 9112 §3, §5; the connection ends with the answer (§9.6). */
function headOf(target: PspTarget, { method, path, headers, body }: PspRequest): string {
  const fields = {
    Host: target.authority,
    ...headers,
    Accept: 'application/json',
    'Content-Length': String(lengthOf(body)),
    Connection: 'close',
  };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}`);
  // RFC 9112 §3.2.1: an empty path is sent as a slash.
  const all = [`${method} ${`${target.path}${path}` || '/'} HTTP/1.1`, ...lines];
  assert(all.every((text) => !/[\r\n\0]/.test(text)));
  return `${all.join('\r\n')}\r\n\r\n`;
}
