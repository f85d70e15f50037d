import type { DeskWiring } from './desk-wiring.ts';
import { paymentOf } from './intent-of.ts';
import type { OutcomeWriter } from './outcome-writer.ts';
import type { SessionEvent } from './session-event.ts';
import type { Intent } from './transaction-book.ts';

/** Gives up quotes of sessions that are gone, as the session would have done at its end: written down, owed outside, told. */
export async function dropLeftQuotes(
  { notices, emit }: DeskWiring,
  writer: OutcomeWriter,
  intents: readonly Intent[],
): Promise<void> {
  for (const intent of intents) {
    const { agent, call, session, attempt } = intent;
    const event: SessionEvent = { type: 'payment.cancelled', payment: paymentOf(intent, 'cancelled', null) };
    const owed = notices.draw(call, session, event);
    await writer.conclude(attempt, { outcome: 'cancelled' }, owed === undefined ? [] : [owed]);
    emit(agent, call, session, event, true);
  }
}
