import type { Clock } from '../shared/clock.ts';
import { CodedError } from '../shared/coded-error.ts';

/**
 * Waits at most `ms` for `operation`; it is not stopped, only no longer waited for.
 * @throws {CodedError} `timed-out`
 */
export async function within<T>(clock: Clock, ms: number, operation: () => Promise<T>): Promise<T> {
  return await new Promise<T>((resolve, reject) => {
    const timer = clock.after(ms, () => reject(new CodedError('timed-out')));
    operation()
      .then(resolve, reject)
      .finally(() => timer.cancel());
  });
}
