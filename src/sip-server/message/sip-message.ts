import type { KnownHeaderName } from './header-name.ts';

/**
 * One header field. `name` is the canonical spelling (see header-name.ts); `value` is unfolded and trimmed. Text is
 * latin1: one character a byte, so that UTF-8 and stray bytes pass through unharmed.
 */
export interface HeaderField {
  readonly name: string;
  readonly value: string;
}

/** Messages are values: nobody changes one after it was made. Content-Length is not among the headers: the printer counts. */
export interface SipRequest {
  readonly kind: 'request';
  readonly method: string;
  readonly uri: string;
  readonly headers: readonly HeaderField[];
  readonly body: Uint8Array;
}

export interface SipResponse {
  readonly kind: 'response';
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly HeaderField[];
  readonly body: Uint8Array;
}

export type SipMessage = SipRequest | SipResponse;

export const noBody = new Uint8Array(0);
/** One for all that keep some, most of which have none. */
export const noHeaders: readonly HeaderField[] = [];

const noValues: readonly string[] = [];

type HasHeaders = { readonly headers: readonly HeaderField[] };

/** The first value under this name. */
export function headerOf(message: HasHeaders, name: KnownHeaderName): string | undefined {
  for (const field of message.headers) if (field.name === name) return field.value;
  return undefined;
}

/** All values under this name, in order. */
export function headersOf(message: HasHeaders, name: KnownHeaderName): readonly string[] {
  let values: string[] | undefined;
  for (const field of message.headers) {
    if (field.name !== name) continue;
    if (values === undefined) values = [field.value];
    else values.push(field.value);
  }
  return values ?? noValues;
}

/** The same fields with every `name` replaced by one of this value, where the first stood or else at the end. */
export function withHeader(
  headers: readonly HeaderField[],
  name: KnownHeaderName,
  value: string,
): readonly HeaderField[] {
  const index = headers.findIndex((field) => field.name === name);
  if (index === -1) return [...headers, { name, value }];
  const others = headers.filter((field, position) => position === index || field.name !== name);
  return others.map((field, position) => (position === index ? { name, value } : field));
}

export const withoutHeaders = (headers: readonly HeaderField[], names: ReadonlySet<string>): readonly HeaderField[] =>
  headers.filter((field) => !names.has(field.name));

/** Option tags of Require, Supported and the like: comma lists over any number of fields, in lower case. */
export function tokensOf(message: HasHeaders, name: KnownHeaderName): readonly string[] {
  const values = headersOf(message, name);
  if (values.length === 0) return values;
  const tokens: string[] = [];
  for (const value of values) {
    for (const written of value.split(',')) {
      const token = written.trim().toLowerCase();
      if (token !== '') tokens.push(token);
    }
  }
  return tokens;
}
