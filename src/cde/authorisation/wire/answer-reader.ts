import { request } from 'node:http';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { blankDigits } from './blank-digits.ts';

/** More than any answer of a provider has. */
export const answerBytesMax = 64 * 1024;
const headBytesMax = 16 * 1024;

export interface PspAnswer {
  readonly status: number;
  /** The reader's own copy; to be wiped by whoever has read it. */
  readonly body: Buffer;
}

/**
 * Reads one HTTP answer from a socket by Node's own parser, without letting Node's client write: that would make text of
 * the request. The client gets a stand-in for the socket, which swallows what it says and hands it what comes in, with
 * the card's digits blanked. Listen before anything is written. Rejects when the answer is cut off, too long, or none.
 */
export function readAnswer(socket: Socket, card: readonly Uint8Array[]): Promise<PspAnswer> {
  return new Promise((resolve, reject) => {
    const standIn = new Duplex({
      read: () => {},
      write: (_chunk, _encoding, done) => done(),
    });
    const chunks: Buffer[] = [];
    let length = 0;
    const fail = (): void => {
      for (const chunk of chunks) chunk.fill(0);
      reject(new Error('no whole answer'));
    };
    const client = request({
      method: 'POST',
      createConnection: () => standIn as Socket,
      maxHeaderSize: headBytesMax,
    });
    client.on('error', fail);
    client.on('response', (answer) => {
      answer.on('data', (chunk: Buffer) => {
        chunks.push(Buffer.from(chunk));
        length += chunk.length;
        if (length > answerBytesMax) answer.destroy(new Error('too long'));
      });
      answer.on('error', fail);
      answer.on('end', () => {
        const body = Buffer.concat(chunks);
        for (const chunk of chunks) chunk.fill(0);
        for (const digits of card) blankDigits(body, digits);
        resolve({ status: answer.statusCode ?? 0, body });
      });
    });
    client.end();
    socket.on('data', (chunk: Buffer) => {
      for (const digits of card) blankDigits(chunk, digits);
      if (!standIn.destroyed) standIn.push(chunk);
    });
    socket.once('end', () => standIn.push(null));
    socket.once('close', () => standIn.destroy());
  });
}
