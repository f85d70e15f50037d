import type { Notice, NoticeOffice } from '../../src/payment/notice.ts';
import type { SessionEvent } from '../../src/payment/session-event.ts';
import type { FakeTransactionBook } from './fake-transaction-book.ts';

const nameOf = (event: Readonly<Record<string, unknown>>): string =>
  `${event['type']} ${(event['payment'] as { id: string } | undefined)?.id}`;

/** A receiver outside who wants to hear of everything: what it is owed with outcomes, and what by itself. */
export class OutsideEar implements NoticeOffice {
  readonly sent: Notice[] = [];
  readonly #book: FakeTransactionBook;
  readonly #told: string[] = [];
  readonly #byItself: string[] = [];
  #drawn = 0;

  constructor(book: FakeTransactionBook) {
    this.#book = book;
  }

  draw(_call: string, _session: string, event: SessionEvent): Notice {
    this.#drawn += 1;
    return { id: `n-${this.#drawn}`, hooks: ['crm'], at: '2026-11-24T12:00:00.000Z', event: { ...event } };
  }

  send(notices: readonly Notice[]): void {
    this.sent.push(...notices);
  }

  /** An event was told inside; `owed` says that it stands in the book already. */
  hear(event: SessionEvent, owed: boolean): void {
    if (!('payment' in event)) return;
    this.#told.push(nameOf(event));
    if (!owed) this.#byItself.push(nameOf(event));
  }

  /** Names of the events that stand in the book with the outcomes they tell of. */
  get withOutcomes(): string[] {
    return this.#book.owed.map(({ event }) => String(event['type']));
  }

  /** What was told inside is owed outside once, and what stands in the book was handed over once. */
  faults(): string[] {
    const faults: string[] = [];
    const owed = [...this.#book.owed.map(({ event }) => nameOf(event)), ...this.#byItself];
    for (const name of this.#told) {
      const at = owed.indexOf(name);
      if (at < 0) faults.push(`${name} is owed to nobody outside`);
      else owed.splice(at, 1);
    }
    // Nobody here is told of a quote that was cancelled while it was written down; outside it is followed by the cancelling.
    faults.push(...owed.filter((name) => !name.startsWith('payment.surcharge')).map((name) => `${name} is owed twice`));
    const ids = ({ id }: Notice): string => id;
    if (this.sent.map(ids).join() !== this.#book.owed.map(ids).join()) faults.push('what is safe was not handed over');
    return faults;
  }
}
