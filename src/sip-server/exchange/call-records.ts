import type { Client } from '../client-protocol/client.ts';
import type { CallRecord } from '../client-protocol/client-line.ts';
import type { SipMessage } from '../message/sip-message.ts';

/** Tells applications of calls that are tried, begin and end (the `cdr:` messages), one of those that asked for the kind. */
export class CallRecords {
  readonly #clients: { pick(verb: string): Client | undefined };

  constructor(clients: { pick(verb: string): Client | undefined }) {
    this.#clients = clients;
  }

  tell(record: CallRecord, message: SipMessage): void {
    this.#clients.pick(`cdr:${record.kind}`)?.record(record, message);
  }
}
