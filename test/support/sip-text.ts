/** A SIP message as tests see it: its first line, its headers in order, its body. Nothing is checked. */
export interface SipText {
  readonly startLine: string;
  /** Method of a request; for a response that of its CSeq. */
  readonly method: string;
  /** Status of a response; undefined for a request. */
  readonly status: number | undefined;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

const fullNames: Record<string, string> = {
  ...{ v: 'via', f: 'from', t: 'to', i: 'call-id', m: 'contact', l: 'content-length', c: 'content-type' },
  ...{ k: 'supported', r: 'refer-to', x: 'session-expires' },
};

export function parseSip(text: string): SipText {
  const cut = text.indexOf('\r\n\r\n');
  const head = (cut < 0 ? text : text.slice(0, cut)).replaceAll(/\r\n[ \t]+/g, ' ');
  const [startLine = '', ...lines] = head.split('\r\n');
  const headers = lines.map((line) => {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).trim().toLowerCase();
    return [fullNames[name] ?? name, line.slice(colon + 1).trim()] as const;
  });
  const status = /^SIP\/2\.0 (\d{3})/.exec(startLine)?.[1];
  const cseq = headers.find(([name]) => name === 'cseq')?.[1] ?? '';
  return {
    startLine,
    method: status === undefined ? (startLine.split(' ')[0] ?? '') : (cseq.split(' ')[1] ?? ''),
    status: status === undefined ? undefined : Number(status),
    headers,
    body: cut < 0 ? '' : text.slice(cut + 4),
  };
}

/** First value of a header (lower-case, full name); empty where there is none. */
export const header = (message: SipText, name: string): string =>
  message.headers.find(([candidate]) => candidate === name)?.[1] ?? '';

export const headersOf = (message: SipText, name: string): string[] =>
  message.headers.filter(([candidate]) => candidate === name).map(([, value]) => value);

export const tagOf = (value: string): string => /;\s*tag=([^;\s>]+)/i.exec(value)?.[1] ?? '';
export const uriOf = (value: string): string => /<([^>]+)>/.exec(value)?.[1] ?? value.split(';')[0]?.trim() ?? '';

export function writeSip(startLine: string, headers: readonly (readonly [string, string])[], body = ''): string {
  const lines = headers.map(([name, value]) => `${name}: ${value}`);
  return [startLine, ...lines, `Content-Length: ${Buffer.byteLength(body)}`, '', body].join('\r\n');
}

/** An answer to `request` with all that RFC 3261 §8.2.6.2 wants copied; `toTag` where the To has none yet. */
export function answerTo(
  request: SipText,
  line: string,
  more: {
    readonly toTag?: string;
    readonly headers?: readonly (readonly [string, string])[];
    readonly body?: string;
  } = {},
): string {
  const to = header(request, 'to');
  const copied: [string, string][] = [
    ...headersOf(request, 'via').map((via): [string, string] => ['Via', via]),
    ...headersOf(request, 'record-route').map((route): [string, string] => ['Record-Route', route]),
    ['From', header(request, 'from')],
    ['To', tagOf(to) === '' && more.toTag !== undefined ? `${to};tag=${more.toTag}` : to],
    ['Call-ID', header(request, 'call-id')],
    ['CSeq', header(request, 'cseq')],
  ];
  return writeSip(`SIP/2.0 ${line}`, [...copied, ...(more.headers ?? [])], more.body);
}

/** A request inside or outside a dialog, with all that RFC 3261 §8.1.1 asks for. */
export function sipRequest(
  method: string,
  uri: string,
  parts: {
    readonly via: string;
    readonly branch: string;
    readonly from: string;
    readonly to: string;
    readonly callId: string;
    readonly cseq: number;
    readonly headers?: readonly (readonly [string, string])[];
    readonly body?: string;
  },
): string {
  const headers: [string, string][] = [
    ['Via', `SIP/2.0/UDP ${parts.via};branch=${parts.branch};rport`],
    ['Max-Forwards', '70'],
    ['From', parts.from],
    ['To', parts.to],
    ['Call-ID', parts.callId],
    ['CSeq', `${parts.cseq} ${method}`],
  ];
  return writeSip(`${method} ${uri} SIP/2.0`, [...headers, ...(parts.headers ?? [])], parts.body);
}
