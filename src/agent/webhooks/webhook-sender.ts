import type { Notice } from '../../payment/notice.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Webhook } from './webhook.ts';
import { signatureHeaders } from './webhook-signature.ts';

/** A receiver that takes longer is asked again later. */
export const answerLimitMs = 10_000;

/** Tells one receiver once. @returns the status of its answer, or a word for why there was none. Never rejects. */
export type Send = (hook: Webhook, notice: Notice) => Promise<number | 'no-answer'>;

/**
 * Sends over HTTP with the time and the signature of this try. Nobody is followed to another address: a redirect is an
 * answer like any other that is not 2xx, since the signature was for the address that the operator has named.
 */
export function httpSender(clock: Clock): Send {
  return async ({ url, secret }, { id, event }) => {
    const body = JSON.stringify({ id, ...event });
    const abort = new AbortController();
    const limit = clock.after(answerLimitMs, () => abort.abort());
    try {
      const answer = await fetch(url, {
        method: 'POST',
        redirect: 'manual',
        signal: abort.signal,
        headers: {
          'content-type': 'application/json',
          'user-agent': 'tonelock',
          ...signatureHeaders(secret, id, Math.floor(clock.now() / 1000), body),
        },
        body,
      });
      // Whatever it says beside its status is not read.
      await answer.body?.cancel();
      return answer.status;
    } catch {
      return 'no-answer';
    } finally {
      limit.cancel();
    }
  };
}
