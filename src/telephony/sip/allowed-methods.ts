/** What this gateway serves; said where a method is refused (RFC 3261 §21.4.6). */
export const allowedMethods = 'INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, PRACK, REFER';

/** RFC 3261 §11.2: what an OPTIONS is told that we serve and take. */
export const capabilities = {
  Allow: allowedMethods,
  Accept: 'application/sdp',
  Supported: '100rel, timer, replaces',
} as const;
