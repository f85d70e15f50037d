import type { HeaderField } from './sip-message.ts';

/** Why bytes are not a message we take. A closed list: these words are counted, the bytes are never quoted. */
export const faultReasons = {
  empty: 0,
  'head-too-long': 513,
  'too-many-headers': 513,
  'body-too-long': 513,
  'no-blank-line': 400,
  'start-line': 400,
  version: 505,
  'status-code': 0,
  'header-line': 400,
  'duplicate-header': 400,
  'missing-header': 400,
  via: 400,
  'from-or-to': 400,
  'command-sequence': 400,
  'method-mismatch': 400,
  'max-forwards': 400,
  'request-uri': 400,
  'uri-scheme': 416,
  'address-header': 400,
  'content-length': 400,
  'no-content-length': 400,
  'body-cut-short': 400,
} as const;
export type FaultReason = keyof typeof faultReasons;

/** A refused message. `request` is what could be read of a request, enough to copy headers into an answer. */
export interface MessageFault {
  readonly reason: FaultReason;
  /** What RFC 3261 answers; 0: nothing. */
  readonly status: number;
  readonly request: { readonly method: string; readonly headers: readonly HeaderField[] } | undefined;
}
