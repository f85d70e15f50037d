import { parseCommandSequence } from './command-sequence.ts';
import type { FaultReason } from './message-fault.ts';
import type { MessageHead } from './message-head.ts';
import { parseNameAddress } from './name-address.ts';
import type { HeaderField } from './sip-message.ts';
import { parseSipUri, uriScheme } from './sip-uri.ts';
import { splitValues } from './value-list.ts';
import { parseVia } from './via.ts';

/** What every layer above relies on: it may parse these headers again and count on success. */
export function validateHead(head: MessageHead): FaultReason | undefined {
  if (head.fault !== undefined) return head.fault;
  if (head.start === undefined) return 'start-line';
  return (head.start.kind === 'request' ? validateUri(head.start.uri) : undefined) ?? validateHeaders(head);
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

function validateHeaders({ start, headers }: MessageHead): FaultReason | undefined {
  let via: string | undefined;
  let from: string | undefined;
  let to: string | undefined;
  let callId: string | undefined;
  let sequence: string | undefined;
  let hops: string | undefined;
  let vias = true;
  let addresses = true;
  for (const { name, value } of headers) {
    switch (name) {
      case 'Via':
        via ??= value;
        vias &&= parseVia(value) !== undefined;
        break;
      case 'From':
        from = value;
        break;
      case 'To':
        to = value;
        break;
      case 'Call-ID':
        callId = value;
        break;
      case 'CSeq':
        sequence = value;
        break;
      case 'Contact':
      case 'Route':
      case 'Record-Route':
        addresses &&= isAddressList(value);
        break;
      case 'Max-Forwards':
        hops = value;
        break;
    }
  }
  if (!via || !from || !to || !callId || !sequence) return 'missing-header';
  if (!vias) return 'via';
  if (parseNameAddress(from) === undefined || parseNameAddress(to) === undefined) return 'from-or-to';
  if (!addresses) return 'address-header';
  // RFC 3261 §20.22: 0 to 255.
  if (hops !== undefined && !(/^\d{1,10}$/.test(hops) && Number(hops) <= 255)) return 'max-forwards';
  const command = parseCommandSequence(sequence);
  if (command === undefined) return 'command-sequence';
  return start?.kind === 'request' && command.method !== start.method ? 'method-mismatch' : undefined;
}

const isAddressList = (value: string): boolean =>
  value === '*' || (splitValues(value)?.every((element) => parseNameAddress(element) !== undefined) ?? false);

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
