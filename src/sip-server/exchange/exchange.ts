import type { Clock } from '../../shared/clock.ts';
import type { Client } from '../client-protocol/client.ts';
import type { ClientResponse } from '../client-protocol/client-message.ts';
import type { ClientTarget } from '../client-protocol/client-target.ts';
import type { Dialog } from '../dialog/dialog.ts';
import type { DialogTable } from '../dialog/dialog-table.ts';
import type { HeaderField } from '../message/sip-message.ts';
import type { RequestRule } from '../routing/request-rule.ts';
import type { SipServerLimits } from '../sip-server-limits.ts';
import type { SipServerObserver } from '../sip-server-observer.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import type { TransactionLayer } from '../transaction/transaction-layer.ts';
import type { Locator } from '../transport/locator.ts';
import type { CallRecords } from './call-records.ts';
import type { TcpRefusals } from './tcp-refusals.ts';

export type ClientDialog = Dialog<Client>;

/** A request of the network that an application has and can answer. */
export interface Answerable {
  readonly client: Client;
  /** Sends the application's answer and tells the application what was sent. */
  answer(message: ClientResponse): void;
  /** The application has gone. */
  clientLost(): void;
  /** Gives the request away to be proxied; undefined if it was answered already. */
  handOver(): ServerTransaction | undefined;
}

/** A request that is being proxied. */
export interface Proxied {
  cancel(): void;
  dispose(): void;
}

/** An INVITE of an application that has no final response yet. */
export interface Cancellable {
  readonly client: Client;
  cancelFor(messageId: string, headers: readonly HeaderField[]): void;
  cancel(): void;
}

/** Who wants which requests. */
export interface ClientChoice {
  pick(method: string, tag?: string): Client | undefined;
  /** Connects to an application that listens. `done` is called once, later, with nothing where that failed. */
  dial(target: ClientTarget, done: (client: Client | undefined) => void): { cancel(): void };
  readonly methods: readonly string[];
  readonly size: number;
}

/** What all parts of the switchboard share: the layers below, the applications, and what is under way between them. */
export interface Exchange {
  readonly layer: TransactionLayer;
  readonly locator: Locator;
  readonly tcpRefusals: TcpRefusals;
  readonly clients: ClientChoice;
  readonly records: CallRecords;
  readonly dialogs: DialogTable<Client>;
  /** By the transaction id that the application knows. */
  readonly answerable: Map<string, Answerable>;
  readonly cancellable: Map<string, Cancellable>;
  /** By the id of the transaction that the request came by. */
  readonly proxied: Map<string, Proxied>;
  /** Whose method has one goes by it instead of to the next application in turn. */
  readonly rules: readonly RequestRule[];
  /** Transactions for which an HTTP server is being asked, or an application connected to. */
  readonly asking: Set<string>;
  /** Call-IDs of proxied calls whose later requests pass through here, oldest first. */
  readonly relayed: Set<string>;
  readonly clock: Clock;
  readonly limits: SipServerLimits;
  readonly observer: SipServerObserver;
}
