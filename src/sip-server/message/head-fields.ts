import { type KnownHeader, knownHeader } from './header-name.ts';
import type { FaultReason } from './message-fault.ts';
import type { HeaderField } from './sip-message.ts';
import { splitValues } from './value-list.ts';

const nameShape = /^[A-Za-z0-9\-.!%*_+`'~]+$/;
const lengthShape = /^\d{1,9}$/;

/** The headers of one message, read line by line. */
export class HeadFields {
  readonly headers: HeaderField[] = [];
  #fault: FaultReason | undefined;
  /** Of Content-Length; undefined where there is none. */
  #length: string | undefined;
  /** Bits of the headers that may not come again. */
  #singles = 0;

  /** The first thing wrong with the lines; what Content-Length says comes last. */
  get fault(): FaultReason | undefined {
    const unreadable = this.#length !== undefined && !lengthShape.test(this.#length);
    return this.#fault ?? (unreadable ? 'content-length' : undefined);
  }

  /** undefined: the header is missing or unreadable, or stands twice. */
  get contentLength(): number | undefined {
    return this.#length !== undefined && lengthShape.test(this.#length) ? Number(this.#length) : undefined;
  }

  /** Reads the line that stands in the text between these places. */
  read(text: string, from: number, to: number): void {
    const colon = text.indexOf(':', from);
    let end = colon < to ? colon : from;
    while (end > from && isBlank(text.charCodeAt(end - 1))) end -= 1;
    const known = end > from ? knownHeader(text, from, end) : undefined;
    const name = known?.name ?? text.slice(from, Math.max(from, end));
    const value = valueIn(text, colon + 1, to);
    if ((known === undefined && !nameShape.test(name)) || value.includes('\r')) this.#fault ??= 'header-line';
    else if (name === 'Content-Length') this.#addLength(value);
    else this.#add(name, value, known);
  }

  #addLength(value: string): void {
    if (this.#length !== undefined) this.#fault ??= 'duplicate-header';
    // Of two nobody knows which is right.
    this.#length = this.#length === undefined ? value : '';
  }

  #add(name: string, value: string, known: KnownHeader | undefined): void {
    const single = known?.single ?? 0;
    if ((this.#singles & single) !== 0) this.#fault ??= 'duplicate-header';
    this.#singles |= single;
    const values = known?.split && value.includes(',') ? splitValues(value) : undefined;
    if (values === undefined) this.headers.push({ name, value });
    else for (const element of values) this.headers.push({ name, value: element });
  }
}

const isBlank = (code: number): boolean => code === 0x20 || code === 0x09;
/** What may stand around a value and is no part of it. A carriage return is not among it, since it may stand nowhere. */
const isSpace = (code: number): boolean => isBlank(code) || code === 0x0b || code === 0x0c || code === 0xa0;

function valueIn(text: string, from: number, to: number): string {
  let start = from;
  let end = to;
  while (start < end && isSpace(text.charCodeAt(start))) start += 1;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}
