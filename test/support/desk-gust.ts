import fc from 'fast-check';
import type { HangUpSide } from '../../src/payment/call-gate.ts';
import type { ErrorCode } from '../../src/shared/coded-error.ts';
import type { RoomRequest } from './fake-card-room.ts';

/** One thing that happens to a desk. Indices are taken modulo what there is. */
export type Gust =
  | { readonly do: 'open' | 'pan' | 'cvc' | 'stop' | 'authorise' | 'accept' | 'refuse' | 'retry' | 'newPayment' }
  | { readonly do: 'cancel' | 'close' | 'enquire' | 'addPayment' | 'removePayment' | 'fill' | 'progress' | 'keyed' }
  /** The room does what it was asked; both fields are taken; the same, and it is sent again, for this card or another. */
  | { readonly do: 'serve' | 'ready' | 'again' | 'another' }
  | { readonly do: 'timedOut' | 'mediaLost' | 'storageFails' | 'outcomeFails' | 'second' | 'minute' }
  | { readonly do: 'hangUp'; readonly by: HangUpSide }
  | { readonly do: 'roomLost' }
  | { readonly do: 'answer'; readonly which: number; readonly outcome: number }
  | { readonly do: 'roomFails'; readonly which: number; readonly code: ErrorCode };

const plain = <const Names extends readonly Gust['do'][]>(weight: number, ...names: Names) => ({
  weight,
  arbitrary: fc.constantFrom(...names.map((name) => ({ do: name }) as Gust)),
});

/** Weighted so that most storms get as far as the provider, and many beyond its answer. */
export const gustArbitrary: fc.Arbitrary<Gust> = fc.oneof(
  plain(8, 'ready'),
  plain(6, 'again', 'another'),
  plain(12, 'authorise', 'authorise', 'serve'),
  plain(8, 'accept', 'retry', 'newPayment', 'enquire', 'addPayment', 'open'),
  plain(9, 'pan', 'keyed', 'cvc', 'keyed', 'progress', 'timedOut', 'stop', 'fill', 'removePayment', 'refuse'),
  plain(3, 'storageFails', 'outcomeFails', 'second', 'minute'),
  plain(2, 'cancel', 'cancel', 'close', 'mediaLost'),
  { weight: 14, arbitrary: fc.record({ do: fc.constant('answer' as const), which: fc.nat(5), outcome: fc.nat(9) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('roomFails' as const),
      which: fc.nat(5),
      code: fc.constantFrom<ErrorCode>('media-failed', 'timed-out'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.oneof(
      fc.record({
        do: fc.constant('hangUp' as const),
        by: fc.constantFrom<HangUpSide>('caller', 'agent', 'gateway'),
      }),
      fc.constant<Gust>({ do: 'roomLost' }),
    ),
  },
);

/** What providers answer where nobody holds their answer back: places in the storm's lists. */
export interface Answers {
  readonly outcomes: readonly number[];
  readonly enquiries: readonly number[];
  readonly voids: boolean;
}

export const answersArbitrary: fc.Arbitrary<Answers> = fc.record({
  outcomes: fc.array(fc.nat(6), { minLength: 4, maxLength: 12 }),
  enquiries: fc.array(fc.nat(2), { maxLength: 6 }),
  voids: fc.boolean(),
});

/** Which of the room's requests wait for a gust to be answered. */
export const heldArbitrary: fc.Arbitrary<RoomRequest[]> = fc.subarray<RoomRequest>([
  'openField',
  'stopField',
  'release',
  'wipe',
  'authorise',
  'enquire',
  'voidPayment',
]);
