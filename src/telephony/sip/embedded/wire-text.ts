import { canonicalHeaderName } from '../../../sip-server/message/header-name.ts';
import { ownText } from '../../../sip-server/message/own-text.ts';
import { type HeaderField, noBody } from '../../../sip-server/message/sip-message.ts';
import type { SipHeaders } from '../../sip-port.ts';

/*
 * The server's texts have one character a byte, and are pieces of the message that they came in; ours are text, in memory of
 * their own: what a call keeps must not keep the message.
 */

/** What most text is; both sides write it alike. */
const plain = /^[\t\r\n -~]*$/;

export const fromWire = (text: string): string =>
  plain.test(text) ? ownText(text) : Buffer.from(text, 'latin1').toString('utf8');

export const toWire = (text: string): string =>
  plain.test(text) ? text : Buffer.from(text, 'utf8').toString('latin1');

export const fieldsOf = (headers: SipHeaders): HeaderField[] =>
  Object.entries(headers).map(([name, value]) => ({ name: canonicalHeaderName(name), value: toWire(value) }));

/** A body as text; null for none. */
export const textOf = (body: Uint8Array): string | null =>
  body.length === 0 ? null : Buffer.from(body.buffer, body.byteOffset, body.length).toString('utf8');

const encoder = new TextEncoder();

/** In memory of its own: a transaction keeps it for half a minute, and a part of a block of 8 kB would keep all of that. */
export const bodyOf = (text: string | null): Uint8Array => (text === null ? noBody : encoder.encode(text));
