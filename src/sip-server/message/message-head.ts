import { HeadFields } from './head-fields.ts';
import { HeadLines } from './head-lines.ts';
import type { FaultReason } from './message-fault.ts';
import type { MessageLimits } from './message-limits.ts';
import type { HeaderField } from './sip-message.ts';

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

function readStartLine(line: string): StartLine | FaultReason {
  if (/^SIP\/\d/i.test(line)) {
    // A status from 100 to 699, and what may follow it.
    if (!/^SIP\/2\.0 [1-6]\d\d(?: |$)/i.test(line)) return 'status-code';
    return { kind: 'response', status: Number(line.slice(8, 11)), reason: line.slice(12) };
  }
  // Exactly one space between the parts (RFC 3261 §7.1): a Request-URI with spaces would leave some in the version.
  const afterMethod = line.indexOf(' ');
  const afterUri = line.indexOf(' ', afterMethod + 1);
  if (afterMethod === -1 || afterUri === -1) return 'start-line';
  const method = line.slice(0, afterMethod);
  const uri = line.slice(afterMethod + 1, afterUri);
  if (!methodShape.test(method) || uri === '') return 'start-line';
  const version = line.slice(afterUri + 1);
  if (version !== 'SIP/2.0') {
    if (!/^SIP\/\d+\.\d+$/i.test(version)) return 'start-line';
    if (!/^SIP\/2\.0$/i.test(version)) return 'version';
  }
  return { kind: 'request', method, uri };
}

/** Lines that a header may be folded into, on average; real ones are hardly ever folded at all. */
const foldsPerHeader = 4;

/** Reads what stands up to and with the blank line, one character a byte. Never throws: what is wrong stands in `fault`. */
export function readHead(text: string, limits: MessageLimits): MessageHead {
  const lines = new HeadLines(text, limits.headers * foldsPerHeader);
  const started = readStartLine(lines.next() ? text.slice(lines.from, lines.to) : '');
  const fields = new HeadFields();
  let count = 0;
  for (; count <= limits.headers && lines.next(); count += 1) {
    if (count < limits.headers) fields.read(lines.text, lines.from, lines.to);
  }
  const tooMany = lines.cut || count > limits.headers ? 'too-many-headers' : undefined;
  const { headers, contentLength } = fields;
  return typeof started === 'string'
    ? { start: undefined, headers, contentLength, fault: started }
    : { start: started, headers, contentLength, fault: tooMany ?? fields.fault };
}

/** The method of a start line that is not taken otherwise, so that 400, 416 and 505 can be told from an ACK's silence. */
export const methodOfLine = (text: string): string => /^[^\s]{1,64}/.exec(text)?.[0] ?? '';
