import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Problem, problemMediaType } from './problem.ts';

/** Seconds after which a client may come back. */
export const retryAfterSeconds = 5;

/** Answers on a bare connection, where there is no response object: before an upgrade, or where no request was parsed. */
export function sendRawProblem(socket: Duplex, problem: Problem): void {
  if (!socket.writable) return void socket.destroy();
  const body = JSON.stringify(problem);
  const lines = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? 'Refused'}`,
    `Content-Type: ${problemMediaType}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    ...(problem.status === 401 ? ['WWW-Authenticate: Bearer'] : []),
    ...(problem.status === 429 || problem.status === 503 ? [`Retry-After: ${retryAfterSeconds}`] : []),
  ];
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}
