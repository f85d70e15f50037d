import type { Notice } from '../cde/door.ts';
import type { Telemetry } from '../observability/telemetry.ts';
import type { SecuredInterval } from '../payment/card-room.ts';
import type { SessionDesk } from '../payment/session-desk.ts';
import type { EvidenceEntry, TransactionBook } from '../payment/transaction-book.ts';
import type { CallId, SessionId } from '../shared/ids.ts';
import type { CallRegistry } from '../telephony/call-registry.ts';
import type { Switchboard } from '../telephony/switchboard.ts';
import type { RoomKeeperListener } from './room-keeper.ts';

/** Hears what the walled room says by itself and tells those whom it concerns. Payments always hear it first. */
export class RoomVoice implements RoomKeeperListener {
  readonly #telemetry: Telemetry;
  readonly #book: Pick<TransactionBook, 'evidence'>;
  #served: { desk: SessionDesk; registry: CallRegistry; switchboard: Switchboard } | undefined;

  constructor(telemetry: Telemetry, book: Pick<TransactionBook, 'evidence'>) {
    this.#telemetry = telemetry;
    this.#book = book;
  }

  serve(desk: SessionDesk, registry: CallRegistry, switchboard: Switchboard): void {
    this.#served = { desk, registry, switchboard };
  }

  notice(notice: Notice): void {
    switch (notice.kind) {
      case 'field.progress':
      case 'field.completed':
      case 'field.failed':
        return this.#served?.desk.fieldNotice(notice);
      case 'media.lost':
        // While it rings a leg may well be silent: early media is not owed (RFC 3960 section 3.1).
        if (this.#served?.registry.get(notice.call)?.view.state === 'ringing') return;
        return this.#endCall(notice.call);
      case 'call.died':
        return this.#endCall(notice.call);
      case 'media.ready':
        // The keeper of the room answers for it in `/readyz`.
        return;
      case 'incident':
        return this.#telemetry.roomIncident(notice.word, notice.call);
      case 'call.hears':
        return this.#hears(notice.call, notice.events, notice.tones);
      case 'call.secured':
        return this.#secured(notice.call, notice.endedBy, notice.interval);
      case 'call.leaked':
        this.#telemetry.leakFound(notice.call, notice.what);
        return this.#note('agent-leg.leaked', notice.call, notice.what);
    }
  }

  #hears(call: CallId, events: boolean, tones: boolean): void {
    this.#telemetry.callHears(call, events, tones);
    this.#served?.registry.hears(call, [...(events ? ['events' as const] : []), ...(tones ? ['tones' as const] : [])]);
  }

  #secured(call: CallId, endedBy: 'release' | 'call', interval: SecuredInterval): void {
    this.#telemetry.securedInterval(interval);
    // A release is in the evidence already, with its session.
    if (endedBy === 'call') this.#note('agent-leg.secured', call, 'call ended', interval);
  }

  #note(what: string, call: CallId, result: string, secured?: SecuredInterval): void {
    const session = (this.#served?.desk.ofCall(call)?.id ?? null) as SessionId | null;
    const entry: EvidenceEntry = { what, who: 'room', origin: 'room', call, session, result };
    this.#book
      .evidence(secured === undefined ? entry : { ...entry, secured })
      .catch(() => this.#telemetry.deskTrouble('storage', what));
  }

  #endCall(call: CallId): void {
    this.#served?.desk.mediaLost(call);
    this.#served?.registry.get(call)?.end('media-lost');
  }

  lost(reason: string): void {
    this.#telemetry.roomLost(reason);
    this.#served?.desk.roomLost();
    this.#served?.switchboard.endAll('media-lost');
  }

  opened(): void {
    this.#telemetry.roomOpened();
  }

  badMessage(): void {
    this.#telemetry.roomIncident('bad-message', null);
  }
}
