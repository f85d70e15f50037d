import type { Notice } from '../../payment/notice.ts';
import type { EventName } from '../../shared/event-name.ts';

/** Somebody who is told of events by HTTP. */
export interface Webhook {
  /** By this name it stands in the journal and in metrics. */
  readonly name: string;
  readonly url: string;
  readonly events: ReadonlySet<EventName>;
  readonly secret: string;
}

export type DeliveryResult = 'delivered' | 'given-up';

/** Where notices are kept until they have arrived. */
export interface Outbox {
  /**
   * Resolves when the notice is safe: from then on it is owed to its receivers, also over a restart.
   * @returns what is to be sent: the notice, blanked where a text of others could be a card number.
   */
  put(notice: Notice): Promise<Notice>;
  /** A receiver has it, or is owed it no more. A lost `settle` costs a repeat, nothing else. */
  settle(notice: string, hook: string, result: DeliveryResult): Promise<void>;
  /** What an earlier process has left owing. */
  owed(): readonly Notice[];
}
