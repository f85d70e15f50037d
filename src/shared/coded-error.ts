/**
 * The one list of codes for what the world does wrong to us. A code reaches HTTP problem documents, SIP reasons, logs and
 * metrics; `status` is what HTTP says for it. Our own faults are assertions, not codes.
 */
export const errorCodes = {
  'bad-request': 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  'method-not-allowed': 405,
  'request-timeout': 408,
  'too-large': 413,
  'unsupported-media-type': 415,
  'too-many-requests': 429,
  'headers-too-large': 431,
  'call-not-found': 404,
  'session-not-found': 404,
  'payment-not-found': 404,
  'call-not-answered': 409,
  'call-ended': 409,
  'session-exists': 409,
  'session-closed': 409,
  'capture-running': 409,
  'no-capture': 409,
  'cvc-before-pan': 409,
  'field-not-captured-by-keypad': 409,
  'wrong-state': 409,
  'do-not-resubmit': 409,
  'psp-change-limit': 409,
  'too-many-payments': 409,
  'not-for-tokenise': 409,
  'controlled-by-crm': 409,
  'split-not-allowed': 409,
  'cannot-enquire': 409,
  'cannot-refund': 409,
  'retry-not-allowed': 409,
  'not-refundable': 409,
  'refund-running': 409,
  'refund-exceeds-payment': 422,
  'idempotency-key-reused': 409,
  'unknown-psp': 422,
  'unknown-type': 422,
  'bad-detail': 422,
  'missing-fields': 422,
  'not-acceptable-media': 488,
  'media-failed': 503,
  'media-lost': 503,
  'cde-lost': 503,
  overloaded: 503,
  draining: 503,
  'storage-failed': 503,
  'gateway-unreachable': 503,
  'timed-out': 504,
} as const;
export type ErrorCode = keyof typeof errorCodes;

/** A fault that a peer, an operator or the network caused, with a code of the list above. Its text never quotes input. */
export class CodedError extends Error {
  override readonly name = 'CodedError';
  readonly code: ErrorCode;
  /** Names of fields or keys that the fault is about; never their values. */
  readonly about: readonly string[];

  constructor(code: ErrorCode, message?: string, about: readonly string[] = []) {
    super(message ?? code.replaceAll('-', ' '));
    this.code = code;
    this.about = about;
  }

  /** HTTP status of the code. */
  get status(): number {
    return errorCodes[this.code];
  }
}
