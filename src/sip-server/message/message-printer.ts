import type { SipMessage } from './sip-message.ts';

/** The bytes of a message. Every header is kept; Content-Length is counted here and stands last. */
export function printMessage(message: SipMessage): Buffer {
  const start =
    message.kind === 'request'
      ? `${message.method} ${message.uri} SIP/2.0`
      : `SIP/2.0 ${message.status} ${message.reason}`;
  const lines = message.headers.map((field) => `${field.name}: ${field.value}\r\n`).join('');
  const head = Buffer.from(`${start}\r\n${lines}Content-Length: ${message.body.length}\r\n\r\n`, 'latin1');
  return message.body.length === 0 ? head : Buffer.concat([head, message.body]);
}
