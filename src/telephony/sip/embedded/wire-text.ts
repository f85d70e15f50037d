import { canonicalHeaderName } from '../../../sip-server/message/header-name.ts';
import type { HeaderField } from '../../../sip-server/message/sip-message.ts';
import type { SipHeaders } from '../../sip-port.ts';

/*
 * The server's texts have one character a byte, and are pieces of the message that they came in; ours are text, in memory of
 * their own: what a call keeps must not keep the message.
 */

export const fromWire = (text: string): string => Buffer.from(text, 'latin1').toString('utf8');

const toWire = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

export const uriToWire = toWire;

export const fieldsOf = (headers: SipHeaders): HeaderField[] =>
  Object.entries(headers).map(([name, value]) => ({ name: canonicalHeaderName(name), value: toWire(value) }));

/** A body as text; null for none. */
export const textOf = (body: Uint8Array): string | null =>
  body.length === 0 ? null : Buffer.from(body.buffer, body.byteOffset, body.length).toString('utf8');

export const bodyOf = (text: string | null): Uint8Array => Buffer.from(text ?? '', 'utf8');
