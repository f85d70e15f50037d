import type { Clock, Timer } from '../../shared/clock.ts';
import type { Client } from '../client-protocol/client.ts';
import type { SipWish } from '../client-protocol/client-message.ts';
import { DialogTable } from '../dialog/dialog-table.ts';
import type { SipRequest, SipResponse } from '../message/sip-message.ts';
import type { RequestRule } from '../routing/request-rule.ts';
import type { SipServerLimits } from '../sip-server-limits.ts';
import type { SipServerObserver } from '../sip-server-observer.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import type { TransactionLayer, TransactionUser } from '../transaction/transaction-layer.ts';
import type { Locator } from '../transport/locator.ts';
import { repeatAcknowledgement } from './acknowledge.ts';
import { CallRecords } from './call-records.ts';
import { unknownTransaction } from './client-refusals.ts';
import type { Answerable, Cancellable, ClientChoice, Exchange, Proxied } from './exchange.ts';
import { takeRequest } from './incoming.ts';
import { acknowledged } from './incoming-invite.ts';
import { takeClientRequest } from './outgoing.ts';
import { proxyFor } from './proxying.ts';
import { relayAck, relays } from './relay.ts';
import { TcpRefusals } from './tcp-refusals.ts';
import { abandonDialog } from './unsolicited-bye.ts';

/** Joins the network on one side with the applications on the other. */
export class SipExchange implements TransactionUser {
  readonly #exchange: Exchange;
  /** One for each application that has gone and may have left dialogs. */
  readonly #orphanages = new Set<Timer>();

  constructor(
    layer: () => TransactionLayer,
    clients: ClientChoice,
    settings: {
      readonly clock: Clock;
      readonly limits: SipServerLimits;
      readonly observer: SipServerObserver;
      readonly rules: readonly RequestRule[];
    },
    locator: Locator,
  ) {
    this.#exchange = {
      get layer() {
        return layer();
      },
      locator,
      tcpRefusals: new TcpRefusals(() => settings.clock.monotonic()),
      clients,
      records: new CallRecords(clients),
      dialogs: new DialogTable<Client>(settings.limits.dialogs),
      answerable: new Map<string, Answerable>(),
      cancellable: new Map<string, Cancellable>(),
      proxied: new Map<string, Proxied>(),
      asking: new Set<string>(),
      relayed: new Set<string>(),
      ...settings,
    };
  }

  get dialogs(): number {
    return this.#exchange.dialogs.size;
  }

  expects(request: SipRequest): boolean {
    return this.#exchange.dialogs.of(request) !== undefined || relays(this.#exchange, request);
  }

  onRequest(transaction: ServerTransaction): void {
    takeRequest(this.#exchange, transaction);
  }

  onAck(ack: SipRequest): void {
    if (relays(this.#exchange, ack)) {
      relayAck(this.#exchange, ack);
      return;
    }
    const dialog = this.#exchange.dialogs.of(ack);
    if (dialog === undefined) this.#exchange.observer.observe({ kind: 'stray', what: 'ack' });
    else acknowledged(this.#exchange, dialog, ack);
  }

  onLateAnswer(response: SipResponse): void {
    const dialog = this.#exchange.dialogs.answeredBy(response);
    if (dialog === undefined) this.#exchange.observer.observe({ kind: 'stray', what: 'response' });
    else repeatAcknowledgement(this.#exchange, dialog);
  }

  onSip(client: Client, message: SipWish): void {
    if (message.kind === 'request') {
      takeClientRequest(this.#exchange, client, message);
      return;
    }
    if (message.kind === 'proxy') {
      proxyFor(this.#exchange, client, message);
      return;
    }
    const pending = this.#exchange.answerable.get(message.transactionId);
    if (pending === undefined || pending.client !== client) {
      client.reply(message.id, { ok: false, reason: unknownTransaction });
    } else pending.answer(message);
  }

  /** What an application had not answered is refused, what it was calling is cancelled; standing dialogs stay a while. */
  onClientLost(client: Client): void {
    for (const pending of [...this.#exchange.answerable.values()]) if (pending.client === client) pending.clientLost();
    for (const pending of [...this.#exchange.cancellable.values()]) if (pending.client === client) pending.cancel();
    if (![...this.#exchange.dialogs].some((dialog) => dialog.owner === client)) return;
    const timer = this.#exchange.clock.after(this.#exchange.limits.orphanedDialogMs, () => {
      this.#orphanages.delete(timer);
      this.#endOrphans(client);
    });
    this.#orphanages.add(timer);
  }

  #endOrphans(client: Client): void {
    for (const dialog of [...this.#exchange.dialogs]) {
      if (dialog.owner === client) abandonDialog(this.#exchange, dialog, 'orphaned', false);
    }
  }

  close(): void {
    for (const timer of this.#orphanages) timer.cancel();
    this.#exchange.dialogs.clear();
    this.#exchange.answerable.clear();
    this.#exchange.cancellable.clear();
    for (const proxied of this.#exchange.proxied.values()) proxied.dispose();
    this.#exchange.proxied.clear();
  }
}
