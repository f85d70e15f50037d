const knownNames = [
  'Accept',
  'Accept-Contact',
  'Accept-Encoding',
  'Accept-Language',
  'Alert-Info',
  'Allow',
  'Allow-Events',
  'Authentication-Info',
  'Authorization',
  'Call-ID',
  'Call-Info',
  'Contact',
  'Content-Disposition',
  'Content-Encoding',
  'Content-Language',
  'Content-Length',
  'Content-Type',
  'CSeq',
  'Date',
  'Diversion',
  'Error-Info',
  'Event',
  'Expires',
  'From',
  'Geolocation',
  'History-Info',
  'Identity',
  'In-Reply-To',
  'Info-Package',
  'Join',
  'Max-Forwards',
  'MIME-Version',
  'Min-Expires',
  'Min-SE',
  'Organization',
  'P-Access-Network-Info',
  'P-Asserted-Identity',
  'P-Charging-Vector',
  'P-Preferred-Identity',
  'Path',
  'Priority',
  'Privacy',
  'Proxy-Authenticate',
  'Proxy-Authorization',
  'Proxy-Require',
  'RAck',
  'Reason',
  'Record-Route',
  'Recv-Info',
  'Refer-Sub',
  'Refer-To',
  'Referred-By',
  'Reject-Contact',
  'Remote-Party-ID',
  'Replaces',
  'Reply-To',
  'Request-Disposition',
  'Require',
  'Retry-After',
  'Route',
  'RSeq',
  'Server',
  'Service-Route',
  'Session-Expires',
  'SIP-ETag',
  'SIP-If-Match',
  'Subject',
  'Subscription-State',
  'Supported',
  'Target-Dialog',
  'Timestamp',
  'To',
  'Unsupported',
  'User-Agent',
  'Via',
  'Warning',
  'WWW-Authenticate',
] as const;

/** Header names that our code asks for; a message holds each of them under exactly this spelling. */
export type KnownHeaderName = (typeof knownNames)[number];

// RFC 3261 §7.3.3 and the registry that grew out of it.
const compactForms: Readonly<Record<string, KnownHeaderName>> = {
  a: 'Accept-Contact',
  b: 'Referred-By',
  c: 'Content-Type',
  d: 'Request-Disposition',
  e: 'Content-Encoding',
  f: 'From',
  i: 'Call-ID',
  j: 'Reject-Contact',
  k: 'Supported',
  l: 'Content-Length',
  m: 'Contact',
  o: 'Event',
  r: 'Refer-To',
  s: 'Subject',
  t: 'To',
  u: 'Allow-Events',
  v: 'Via',
  x: 'Session-Expires',
  y: 'Identity',
};

// RFC 3261 §7.3.1 forbids joining them; RFC 4475 §3.3.8 shows two of each.
const singleNames: readonly string[] = [
  'Call-ID',
  'Content-Length',
  'Content-Type',
  'CSeq',
  'From',
  'Max-Forwards',
  'To',
] satisfies KnownHeaderName[];
// Routing works on elements.
const splitNames: readonly string[] = ['Via', 'Route', 'Record-Route'] satisfies KnownHeaderName[];

/** A header that we know, under the one spelling of its name. */
export interface KnownHeader {
  readonly name: KnownHeaderName;
  /** A bit of its own for one that may stand once only; 0 for the others. */
  readonly single: number;
  /** Whether the parser splits its comma list, one field an element. */
  readonly split: boolean;
}

const known = knownNames.map((name): KnownHeader => {
  const place = singleNames.indexOf(name);
  return { name, single: place === -1 ? 0 : 1 << place, split: splitNames.includes(name) };
});

const byLowerCase = new Map<string, KnownHeader>(known.map((header) => [header.name.toLowerCase(), header]));
for (const [short, name] of Object.entries(compactForms)) {
  const header = byLowerCase.get(name.toLowerCase());
  if (header !== undefined) byLowerCase.set(short, header);
}

const none: readonly KnownHeader[] = [];
const shapeOf = (length: number, first: number): number => length * 32 + (first & 31);
/** By length and first letter: most names come as they are spelt here, and need no text of their own to be found. */
const byShape = new Array<readonly KnownHeader[]>(shapeOf(32, 0)).fill(none);
for (const header of known) {
  const shape = shapeOf(header.name.length, header.name.charCodeAt(0));
  byShape[shape] = [...(byShape[shape] ?? none), header];
}

/** The header whose name stands in the text between these places, however it is written. */
export function knownHeader(text: string, from: number, to: number): KnownHeader | undefined {
  for (const header of byShape[shapeOf(to - from, text.charCodeAt(from))] ?? none) {
    if (text.startsWith(header.name, from)) return header;
  }
  return byLowerCase.get(text.slice(from, to).toLowerCase());
}

/** The one spelling of a header name; a name that we do not know keeps the spelling it came with. */
export const canonicalHeaderName = (name: string): string => knownHeader(name, 0, name.length)?.name ?? name;
