import { looksLikeCardNumber } from '../payment/card-like-text.ts';
import type { Notice } from '../payment/notice.ts';
import type { RecordedRefund, RefundIntent } from '../payment/refund.ts';
import type { FoundPayment, PaymentSearch, RefundBook } from '../payment/refund-book.ts';
import type { Transaction } from '../payment/transaction.ts';
import type { EvidenceEntry, Intent, RecordedOutcome, TransactionBook } from '../payment/transaction-book.ts';
import { assert } from '../shared/assert.ts';
import type { Clock } from '../shared/clock.ts';
import { CodedError } from '../shared/coded-error.ts';
import type { AttemptId, CallId } from '../shared/ids.ts';
import { AttemptIndex } from './attempt-index.ts';
import { BookMemory } from './book-memory.ts';
import type { AbandonedChain, ArchiveQuery, EntryStore } from './entry-store.ts';
import { Journal } from './journal.ts';
import { type LeftOpen, leftOpen } from './left-open.ts';
import { type NoticeResult, type OwedNotices, withoutCardNumbers } from './owed-notices.ts';
import { PostgresStore } from './postgres/postgres-store.ts';

/** Longest free text of an entry: a reason that a peer gave, a provider's code. */
export const textMax = 256;

export interface JournalBookSettings {
  /** Directory of the journal. */
  readonly path: string;
  readonly clock: Clock;
  readonly fileBytesMax?: number;
}

export interface PostgresBookSettings {
  /** `postgres://…`; a secret. */
  readonly url: string;
  /** Name of this gateway's chain. */
  readonly chain: string;
  readonly clock: Clock;
  readonly pageEntries?: number;
  /** As `PostgresSettings.silentMs`. */
  readonly silentMs?: number | null;
}

/**
 * The book of payments over a chain of entries. The state in memory follows the storage: it changes when an entry is safe,
 * and at the start it is what the entries say. Payments and evidence stand in one chain.
 */
export class JournalBook implements TransactionBook, RefundBook {
  readonly #store: EntryStore;
  readonly #attempts: AttemptIndex;
  readonly #notices: OwedNotices;

  constructor(store: EntryStore, memory: BookMemory) {
    this.#store = store;
    this.#attempts = memory.attempts;
    this.#notices = memory.notices;
  }

  /** Says which calls run on this gateway: what is about them stays in memory, whatever its age. */
  knowLiveCalls(isLive: (call: CallId) => boolean): void {
    this.#attempts.isLive = isLive;
  }

  get works(): boolean {
    return this.#store.works;
  }

  async intend(intent: Intent): Promise<void> {
    assert(this.#attempts.mayIntend(intent.attempt));
    const { at } = await this.#store.append({ kind: 'intent', intent });
    this.#attempts.intended(intent, at);
    if (!this.#store.fresh) await this.#overslept(() => this.conclude(intent.attempt, { outcome: 'not-sent' }));
  }

  /**
   * The process hung between the write and now: others may have found the intent and be asking about it. Nothing may be sent any
   * more, and where the chain is ours still that is written down.
   */
  async #overslept(conclude: () => Promise<unknown>): Promise<never> {
    await conclude();
    throw new CodedError('storage-failed', 'this gateway hung after it had written what it intended');
  }

  /** As `EntryStore.onLost`. */
  onLost(lost: () => void): void {
    this.#store.onLost(lost);
  }

  /** As `EntryStore.prove`. */
  prove(): Promise<boolean> {
    return this.#store.prove();
  }

  async conclude(
    attempt: AttemptId,
    outcome: RecordedOutcome,
    notices: readonly Notice[] = [],
  ): Promise<readonly Notice[]> {
    // A write that was reported as refused may stand: then its notices are owed.
    if (!this.#attempts.mayConclude(attempt, outcome)) return this.#notices.known(notices);
    const written = 'code' in outcome ? { ...outcome, code: printable(outcome.code) } : outcome;
    const owed = notices.map(mayLeave);
    await this.#store.append({ kind: 'outcome', attempt, outcome: written, ...(owed.length > 0 && { notices: owed }) });
    this.#attempts.concluded(attempt, written);
    return this.#owe(owed);
  }

  /** From memory, where a live call's all is; of another that is not there, or that others may know more of, from the storage. */
  async history(call: CallId, live: boolean): Promise<Transaction[]> {
    if (live || (!this.#store.shared && this.#attempts.knows(call))) return this.#attempts.history(call);
    return (await this.#found({ by: 'call', id: call })).history(call);
  }

  async unresolved(): Promise<Intent[]> {
    return this.#attempts.unresolved();
  }

  async quoted(): Promise<Intent[]> {
    return this.#attempts.quoted();
  }

  /** From the storage, whoever has written it: a refund on another gateway counts too. */
  async payment(attempt: AttemptId): Promise<FoundPayment | undefined> {
    return (await this.#found({ by: 'attempt', id: attempt })).payment(attempt);
  }

  async search(wanted: PaymentSearch): Promise<Transaction[]> {
    return (await this.#found(wanted)).transactions();
  }

  async intendRefund(intent: RefundIntent): Promise<void> {
    const { refunds } = this.#attempts;
    assert(refunds.mayIntend(intent.refund));
    const { at } = await this.#store.append({ kind: 'refundIntent', intent });
    refunds.intended(intent, at);
    if (!this.#store.fresh)
      await this.#overslept(() => this.concludeRefund(intent.refund, { outcome: 'not-sent', code: 'gateway-hung' }));
  }

  async concludeRefund(
    refund: AttemptId,
    outcome: RecordedRefund,
    notices: readonly Notice[] = [],
  ): Promise<readonly Notice[]> {
    const { refunds } = this.#attempts;
    const known = refunds.get(refund);
    if (known === undefined || !refunds.mayConclude(refund, outcome)) return this.#notices.known(notices);
    const written = 'code' in outcome ? { ...outcome, code: printable(outcome.code) } : outcome;
    const { attempt } = known.intent;
    const owed = notices.map(mayLeave);
    const entry = { kind: 'refundOutcome', refund, attempt, outcome: written } as const;
    await this.#store.append({ ...entry, ...(owed.length > 0 && { notices: owed }) });
    refunds.concluded(refund, written);
    return this.#owe(owed);
  }

  async unresolvedRefunds(): Promise<RefundIntent[]> {
    return this.#attempts.refunds.unresolved().map(({ intent }) => intent);
  }

  async #found(query: ArchiveQuery): Promise<AttemptIndex> {
    const found = new AttemptIndex();
    for (const entry of await this.#store.about(query)) found.take(entry);
    return found;
  }

  async evidence(entry: EvidenceEntry): Promise<void> {
    const { what, result, secured } = entry;
    const interval = secured && Object.fromEntries(Object.entries(secured).map(([name, n]) => [name, Math.round(n)]));
    const evidence = {
      ...entry,
      what: printable(what),
      result: printable(result),
      ...(interval && { secured: interval }),
    };
    await this.#store.append({ kind: 'evidence', evidence: evidence as EvidenceEntry });
  }

  /** Resolves when the notice is safe, with what of it may leave. From then on it is owed, also over a restart. */
  async put(notice: Notice): Promise<Notice> {
    const plain = mayLeave(notice);
    await this.#store.append({ kind: 'notice', notice: plain });
    this.#notices.put(plain);
    return plain;
  }

  #owe(notices: readonly Notice[]): readonly Notice[] {
    for (const notice of notices) this.#notices.put(notice);
    return notices;
  }

  async settle(notice: string, hook: string, result: NoticeResult): Promise<void> {
    if (!this.#notices.isOwed(notice, hook)) return;
    this.#notices.settle(notice, hook);
    await this.#store.append({ kind: 'noticeSettled', notice, hook, result });
  }

  owed(): readonly Notice[] {
    return this.#notices.all();
  }

  /**
   * Takes over what a dead gateway has left open, exactly once among all that ask: see `EntryStore.takeOver`. From then on
   * it is this book's as if it had written it, also over a restart; nothing of it was ever sent from here.
   * @param gateway the name of its chain.
   * @returns undefined while that gateway lives or may live.
   */
  async takeOver(gateway: string): Promise<LeftOpen | undefined> {
    const entries = await this.#store.takeOver(gateway);
    return entries && leftOpen(entries);
  }

  /** Gateways whose chains nobody holds now, and how far those go. */
  abandoned(): Promise<readonly AbandonedChain[]> {
    return this.#store.abandoned();
  }

  /** Writes what waits, then gives the chain free. */
  close(): Promise<void> {
    return this.#store.close();
  }
}

/** @throws {CodedError} `storage-failed` when the journal cannot be used or is damaged; the message says where. */
export async function openJournalBook(settings: JournalBookSettings): Promise<JournalBook> {
  const memory = new BookMemory();
  const store = await Journal.open({
    ...settings,
    replay: (entry) => memory.take(entry),
    carry: () => memory.carry(),
  });
  return new JournalBook(store, memory);
}

/** @throws {CodedError} `storage-failed` when the database cannot be used, or its chain; the message holds no address. */
export async function openPostgresBook(settings: PostgresBookSettings): Promise<JournalBook> {
  const memory = new BookMemory();
  const store = await PostgresStore.open({
    ...settings,
    replay: (entry) => memory.take(entry),
    carry: () => memory.carry(),
    adopt: (entries) => memory.adopt(entries),
  });
  return new JournalBook(store, memory);
}

const mayLeave = (notice: Notice): Notice => ({ ...notice, event: withoutCardNumbers(notice.event) });

/** Control and format characters, line ends, lone surrogates: what a text may break a log or a terminal with. */
const unprintable = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** Text that others made: not longer than needed, on one line, and never what may be a card number, cut off or not. */
function printable(text: string): string {
  if (looksLikeCardNumber(text)) return 'withheld';
  const shown = text.slice(0, textMax).replaceAll(unprintable, ' ');
  return looksLikeCardNumber(shown) ? 'withheld' : shown;
}
