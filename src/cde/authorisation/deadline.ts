import type { Clock } from '../../shared/clock.ts';

export const timeOut = Symbol('time-out');

/**
 * Waits for `work`, but no longer than `ms`: then its signal aborts and the answer is {@link timeOut}. What the work still
 * brings after that is dropped; its rejection in time is the caller's.
 */
export async function within<T>(
  clock: Clock,
  ms: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T | typeof timeOut> {
  const abort = new AbortController();
  return new Promise((resolve, reject) => {
    const timer = clock.after(ms, () => {
      resolve(timeOut);
      abort.abort();
    });
    Promise.resolve(abort.signal)
      .then(work)
      .then(resolve, reject)
      .finally(() => timer.cancel());
  });
}
