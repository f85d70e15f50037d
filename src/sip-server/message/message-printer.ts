import type { SipMessage } from './sip-message.ts';

/** The bytes of a message. Every header is kept; Content-Length is counted here and stands last. */
export function printMessage(message: SipMessage): Buffer {
  const start =
    message.kind === 'request'
      ? `${message.method} ${message.uri} SIP/2.0`
      : `SIP/2.0 ${message.status} ${message.reason}`;
  let text = `${start}\r\n`;
  for (const { name, value } of message.headers) text += `${name}: ${value}\r\n`;
  const head = Buffer.from(`${text}Content-Length: ${message.body.length}\r\n\r\n`, 'latin1');
  return message.body.length === 0 ? head : Buffer.concat([head, message.body]);
}
