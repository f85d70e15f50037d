import { parseCommandSequence } from './command-sequence.ts';
import type { FaultReason } from './message-fault.ts';
import type { MessageHead } from './message-head.ts';
import { parseNameAddress } from './name-address.ts';
import { type HeaderField, headerOf } from './sip-message.ts';
import { parseSipUri, uriScheme } from './sip-uri.ts';
import { splitValues } from './value-list.ts';
import { parseVia } from './via.ts';

const required = ['From', 'To', 'Call-ID', 'CSeq', 'Via'] as const;

/** What every layer above relies on: it may parse these headers again and count on success. */
export function validateHead(head: MessageHead): FaultReason | undefined {
  if (head.fault !== undefined) return head.fault;
  if (head.start === undefined) return 'start-line';
  return (
    (head.start.kind === 'request' ? validateUri(head.start.uri) : undefined) ??
    validateHeaders(head) ??
    validateSequence(head)
  );
}

function validateUri(uri: string): FaultReason | undefined {
  const scheme = uriScheme(uri);
  if (scheme === undefined) return 'request-uri';
  if (scheme === 'tel') return /^tel:[^\s<>"]+$/i.test(uri) ? undefined : 'request-uri';
  if (scheme !== 'sip' && scheme !== 'sips') return 'uri-scheme';
  const parsed = parseSipUri(uri);
  // RFC 3261 §19.1.1, table 1: no headers in a Request-URI.
  return parsed === undefined || parsed.headers !== undefined ? 'request-uri' : undefined;
}

function validateHeaders(head: MessageHead): FaultReason | undefined {
  for (const name of required) if (!headerOf(head, name)) return 'missing-header';
  if (!each(head, 'Via', isVia)) return 'via';
  for (const name of ['From', 'To'] as const) {
    if (parseNameAddress(headerOf(head, name) as string) === undefined) return 'from-or-to';
  }
  for (const name of ['Contact', 'Route', 'Record-Route'] as const) {
    if (!each(head, name, isAddressList)) return 'address-header';
  }
  const hops = headerOf(head, 'Max-Forwards');
  // RFC 3261 §20.22: 0 to 255.
  if (hops !== undefined && !(/^\d{1,10}$/.test(hops) && Number(hops) <= 255)) return 'max-forwards';
  return undefined;
}

/** Whether it holds for each value under the name. */
function each(head: MessageHead, name: string, holds: (value: string) => boolean): boolean {
  for (const field of head.headers) if (field.name === name && !holds(field.value)) return false;
  return true;
}

const isVia = (value: string): boolean => parseVia(value) !== undefined;

const isAddressList = (value: string): boolean =>
  value === '*' || (splitValues(value)?.every((element) => parseNameAddress(element) !== undefined) ?? false);

function validateSequence(head: MessageHead): FaultReason | undefined {
  const sequence = parseCommandSequence(headerOf(head, 'CSeq') as string);
  if (sequence === undefined) return 'command-sequence';
  if (head.start?.kind === 'request' && sequence.method !== head.start.method) return 'method-mismatch';
  return undefined;
}

/** Of the fields of a refused request, those that an answer copies (RFC 3261 §8.2.6.2). */
export const answerFields = (headers: readonly HeaderField[]): readonly HeaderField[] => {
  const single = new Set<string>();
  return headers.filter(({ name }) => {
    if (name === 'Via') return true;
    if (!['From', 'To', 'Call-ID', 'CSeq'].includes(name) || single.has(name)) return false;
    single.add(name);
    return true;
  });
};
