import { canonicalHeaderName, singleHeaders, splitHeaders } from './header-name.ts';
import type { FaultReason } from './message-fault.ts';
import type { MessageLimits } from './message-limits.ts';
import type { HeaderField } from './sip-message.ts';
import { splitValues } from './value-list.ts';

export type StartLine =
  | { readonly kind: 'request'; readonly method: string; readonly uri: string }
  | { readonly kind: 'response'; readonly status: number; readonly reason: string };

/** Start line and headers as far as they could be read; `fault` is the first thing wrong with them. */
export interface MessageHead {
  readonly start: StartLine | undefined;
  readonly headers: readonly HeaderField[];
  /** undefined: the header is missing or unreadable. */
  readonly contentLength: number | undefined;
  readonly fault: FaultReason | undefined;
}

/**
 * Where the head ends, looking from `from` on: the index after its blank line, or -1. Lines end in CRLF; a bare LF is
 * taken too, as RFC 4475 and other stacks do.
 */
export function endOfHead(bytes: Buffer, from = 0): number {
  for (let index = bytes.indexOf(0x0a, from); index !== -1; index = bytes.indexOf(0x0a, index + 1)) {
    if (bytes[index + 1] === 0x0a) return index + 2;
    if (bytes[index + 1] === 0x0d && bytes[index + 2] === 0x0a) return index + 3;
  }
  return -1;
}

const methodShape = /^[A-Za-z0-9\-.!%*_+`'~]{1,64}$/;
const nameShape = /^[A-Za-z0-9\-.!%*_+`'~]+$/;

function readStartLine(line: string): StartLine | FaultReason {
  if (/^SIP\/\d/i.test(line)) {
    const found = /^SIP\/2\.0 (\d{3})(?: ([\s\S]*))?$/i.exec(line);
    const status = Number(found?.[1]);
    if (found === null || status < 100 || status > 699) return 'status-code';
    return { kind: 'response', status, reason: found[2] ?? '' };
  }
  // Exactly one space between the parts (RFC 3261 §7.1): a Request-URI with spaces would read as more parts.
  const parts = line.split(' ');
  const [method, uri, version] = parts;
  if (method === undefined || !methodShape.test(method) || uri === undefined || version === undefined) {
    return 'start-line';
  }
  if (parts.length !== 3 || uri === '') return 'start-line';
  if (!/^SIP\/\d+\.\d+$/i.test(version)) return 'start-line';
  if (!/^SIP\/2\.0$/i.test(version)) return 'version';
  return { kind: 'request', method, uri };
}

/** Lines that a header may be folded into, on average; real ones are hardly ever folded at all. */
const foldsPerHeader = 4;

/** Joins folded lines (RFC 3261 §7.3.1: white space at the start of a line continues the one before). */
function unfold(raws: readonly string[], limit: number): readonly string[] {
  const lines: string[] = [];
  for (let at = 0; at < raws.length && at < limit; at += 1) {
    const raw = raws[at] as string;
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    if (line === '') continue;
    const last = lines.length - 1;
    if ((line.startsWith(' ') || line.startsWith('\t')) && last > 0) lines[last] = `${lines[last]} ${line.trim()}`;
    else lines.push(line);
  }
  return lines;
}

/** Reads the bytes up to and with the blank line. Never throws: what is wrong stands in `fault`. */
export function readHead(bytes: Buffer, limits: MessageLimits): MessageHead {
  const lineLimit = limits.headers * foldsPerHeader;
  const raws = bytes.toString('latin1').split('\n', lineLimit + 1);
  const lines = unfold(raws, lineLimit);
  const started = readStartLine(lines[0] ?? '');
  let fault: FaultReason | undefined = typeof started === 'string' ? started : undefined;
  const start = typeof started === 'string' ? undefined : started;
  const headers: HeaderField[] = [];
  const lengths: string[] = [];
  if (raws.length > lineLimit || lines.length > limits.headers + 1) fault ??= 'too-many-headers';
  for (let at = 1; at < lines.length && at <= limits.headers; at += 1) {
    const line = lines[at] as string;
    const colon = line.indexOf(':');
    const written = nameBefore(line, colon);
    if (!nameShape.test(written) || line.includes('\r')) {
      fault ??= 'header-line';
      continue;
    }
    const name = canonicalHeaderName(written);
    const value = line.slice(colon + 1).trim();
    const again = name === 'Content-Length' ? lengths.length > 0 : singleHeaders.has(name) && holds(headers, name);
    if (again) fault ??= 'duplicate-header';
    if (name === 'Content-Length') lengths.push(value);
    else addField(headers, name, value);
  }
  const contentLength = lengths.length === 1 && /^\d{1,9}$/.test(lengths[0] ?? '') ? Number(lengths[0]) : undefined;
  if (lengths.length > 0 && contentLength === undefined) fault ??= 'content-length';
  return { start, headers, contentLength, fault };
}

/** What stands before the colon, without the white space behind it; `''` where there is no colon. */
function nameBefore(line: string, colon: number): string {
  let end = colon;
  while (end > 0 && (line[end - 1] === ' ' || line[end - 1] === '\t')) end -= 1;
  return line.slice(0, Math.max(0, end));
}

function holds(headers: readonly HeaderField[], name: string): boolean {
  for (const field of headers) if (field.name === name) return true;
  return false;
}

function addField(headers: HeaderField[], name: string, value: string): void {
  const values = splitHeaders.has(name) ? splitValues(value) : undefined;
  if (values === undefined) headers.push({ name, value });
  else for (const element of values) headers.push({ name, value: element });
}

/** The method of a start line that is not taken otherwise, so that 400, 416 and 505 can be told from an ACK's silence. */
export const methodOfLine = (bytes: Buffer): string => /^[^\s]{1,64}/.exec(bytes.toString('latin1', 0, 64))?.[0] ?? '';
