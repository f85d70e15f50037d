import { isIPv4 } from 'node:net';
import type { SocketAddress } from './flow.ts';

/*
 * A Binding request of STUN (RFC 8489 §5), which keeps a NAT's door open beside SIP (RFC 5626 §3.5.2):
 *
 *    0                   1                   2                   3
 *   |0 0|     message type 0x0001   |        length of attributes   |
 *   |                    magic cookie 0x2112A442                    |
 *   |                transaction id, 96 bits                        |
 */
const bindingRequest = 0x0001;
const bindingSuccess = 0x0101;
const magicCookie = 0x2112a442;
const headerBytes = 20;
const xorMappedAddress = 0x0020;

/** @returns the answer that tells the sender its own address, or undefined for what is no such request. */
export function stunAnswer(bytes: Buffer, from: SocketAddress): Buffer | undefined {
  if (bytes.length < headerBytes || bytes.readUInt16BE(0) !== bindingRequest) return undefined;
  if (bytes.readUInt32BE(4) !== magicCookie || bytes.readUInt16BE(2) !== bytes.length - headerBytes) return undefined;
  // An IPv4 answer is 12 bytes longer than its request; that of an IPv6 address would be twice as long, and nobody asks.
  if (!isIPv4(from.address)) return undefined;
  const answer = Buffer.alloc(headerBytes + 12);
  answer.writeUInt16BE(bindingSuccess, 0);
  answer.writeUInt16BE(12, 2);
  bytes.copy(answer, 4, 4, headerBytes);
  // RFC 8489 §14.2: port and address stand there XORed with the cookie.
  answer.writeUInt16BE(xorMappedAddress, headerBytes);
  answer.writeUInt16BE(8, headerBytes + 2);
  answer.writeUInt8(1, headerBytes + 5);
  answer.writeUInt16BE(from.port ^ (magicCookie >>> 16), headerBytes + 6);
  from.address.split('.').forEach((part, at) => {
    answer.writeUInt8(Number(part) ^ answer.readUInt8(4 + at), headerBytes + 8 + at);
  });
  return answer;
}
