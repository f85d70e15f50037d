import { blankCardNumbers } from '../payment/card-like-text.ts';
import type { Notice } from '../payment/notice.ts';
import { isIdentifier } from './entry-guard.ts';

export type NoticeResult = 'delivered' | 'given-up';

/** Notices as the chain tells them: those that somebody is still owed. Whoever puts them in bounds them. */
export class OwedNotices {
  readonly #owed = new Map<string, Notice>();

  put(notice: Notice): void {
    this.#owed.set(notice.id, notice);
  }

  isOwed(id: string, hook: string): boolean {
    return this.#owed.get(id)?.hooks.includes(hook) === true;
  }

  /** Those of the given that somebody is owed, as they stand in the chain. */
  known(notices: readonly Notice[]): Notice[] {
    return notices.flatMap(({ id }) => this.#owed.get(id) ?? []);
  }

  settle(id: string, hook: string): void {
    const notice = this.#owed.get(id);
    if (notice === undefined) return;
    const hooks = notice.hooks.filter((name) => name !== hook);
    if (hooks.length > 0) this.#owed.set(id, { ...notice, hooks });
    else this.#owed.delete(id);
  }

  clear(): void {
    this.#owed.clear();
  }

  all(): Notice[] {
    return [...this.#owed.values()];
  }
}

/**
 * An event whose texts may stand in the chain. What providers say is not ours: a number in it that could be a card's is
 * blanked, and the event goes out all the same.
 */
export function withoutCardNumbers<T>(value: T, name = ''): T {
  if (typeof value === 'string' && isIdentifier(name)) return value;
  if (typeof value === 'string') return blankCardNumbers(value, 'withheld') as T;
  if (Array.isArray(value)) return value.map((item) => withoutCardNumbers(item)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutCardNumbers(inner, key)])) as T;
}
