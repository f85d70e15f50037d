import type { Notice } from '../cde/door.ts';
import type { Telemetry } from '../observability/telemetry.ts';
import type { SessionDesk } from '../payment/session-desk.ts';
import type { CallId } from '../shared/ids.ts';
import type { CallRegistry } from '../telephony/call-registry.ts';
import type { Switchboard } from '../telephony/switchboard.ts';
import type { RoomKeeperListener } from './room-keeper.ts';

/** Hears what the walled room says by itself and tells those whom it concerns. Payments always hear it first. */
export class RoomVoice implements RoomKeeperListener {
  readonly #telemetry: Telemetry;
  #served: { desk: SessionDesk; registry: CallRegistry; switchboard: Switchboard } | undefined;

  constructor(telemetry: Telemetry) {
    this.#telemetry = telemetry;
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
    }
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
