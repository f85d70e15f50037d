import type { ApiObserver } from './api-observer.ts';

const stackLinesLimit = 8;

/** Reports an exception of ours without its message, since a message may quote a value. */
export function reportFault(observer: ApiObserver, where: string, error: unknown): void {
  if (!(error instanceof Error)) return observer.faulted(where, typeof error, []);
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at .*:\d+:\d+\)?$/.test(line));
  observer.faulted(
    where,
    error.name,
    frames.slice(0, stackLinesLimit).map((line) => line.trim()),
  );
}
