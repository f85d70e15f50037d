import { createCipheriv } from 'node:crypto';
import type { Suite } from '../../offer-answer/srtp-suite.ts';

/** What of one master key does the packets of one direction: RTP, or RTCP. */
export interface SessionKeys {
  readonly cipher: Buffer;
  readonly salt: Buffer;
  readonly auth: Buffer;
}

const authBytes = 20;
const saltBytesMax = 14;
const blockBytes = 16;
const labels = { rtp: { cipher: 0, auth: 1, salt: 2 }, rtcp: { cipher: 3, auth: 4, salt: 5 } } as const;

/** RFC 3711 §4.3.1 with a key derivation rate of 0; a salt of 96 bits is followed by zeros (RFC 7714 §11). */
export function deriveKeys(suite: Suite, master: Buffer, of: 'rtp' | 'rtcp'): SessionKeys {
  const derive = (label: number, length: number): Buffer => {
    const counter = Buffer.alloc(blockBytes);
    master.copy(counter, 0, suite.keyBytes, suite.keyBytes + suite.saltBytes);
    const at = saltBytesMax - 7;
    counter.writeUInt8(counter.readUInt8(at) ^ label, at);
    const cipher = createCipheriv(suite.counterMode, master.subarray(0, suite.keyBytes), counter);
    return cipher.update(Buffer.alloc(length));
  };
  const { cipher, auth, salt } = labels[of];
  return {
    cipher: derive(cipher, suite.keyBytes),
    auth: derive(auth, authBytes),
    salt: derive(salt, suite.saltBytes),
  };
}
