import type { Clock } from '../../../shared/clock.ts';
import { CodedError } from '../../../shared/coded-error.ts';

/** How a library's callback is told: an error or none, and what came. */
export type Done<T> = (error: unknown, value?: T) => void;

/**
 * Starts `work` and waits for its callback, but no longer than `ms`: the callbacks of these libraries are never called once
 * a connection is lost. @throws {CodedError} `media-failed`; no text of a peer's or a library's comes with it.
 */
export function within<T>(clock: Clock, ms: number, work: (done: Done<T>) => void): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const fail = (): void => reject(new CodedError('media-failed'));
    const limit = clock.after(ms, fail);
    const done: Done<T> = (error, value) => {
      limit.cancel();
      if (error === null || error === undefined) resolve(value);
      else fail();
    };
    try {
      work(done);
    } catch {
      limit.cancel();
      fail();
    }
  });
}
