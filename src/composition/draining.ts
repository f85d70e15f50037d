import type { Clock } from '../shared/clock.ts';

const lookEveryMs = 50;

/** @returns true when `size` reached zero within `ms` milliseconds. */
export async function emptied(size: () => number, ms: number, clock: Clock): Promise<boolean> {
  const until = clock.monotonic() + ms;
  while (size() > 0) {
    if (clock.monotonic() >= until) return false;
    await new Promise<void>((resolve) => clock.after(lookEveryMs, resolve));
  }
  return true;
}
