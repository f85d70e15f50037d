import { createHmac } from 'node:crypto';

/*
 * Standard Webhooks 1.0: the signature is HMAC-SHA256 over `<id>.<timestamp>.<body>`, in base64 behind `v1,`. A secret that
 * begins with `whsec_` is base64 behind that, any other is taken as it is.
 */

const encoded = 'whsec_';

function keyOf(secret: string): Buffer {
  return secret.startsWith(encoded) ? Buffer.from(secret.slice(encoded.length), 'base64') : Buffer.from(secret, 'utf8');
}

/** @param seconds when it is sent, in seconds since 1970: a receiver refuses what is old. */
export function signatureHeaders(secret: string, id: string, seconds: number, body: string): Record<string, string> {
  const signature = createHmac('sha256', keyOf(secret)).update(`${id}.${seconds}.${body}`).digest('base64');
  return {
    'webhook-id': id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': `v1,${signature}`,
  };
}
