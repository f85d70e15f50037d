import { type Door, type Notice, openRoom, type RoomSettings } from '../cde/door.ts';
import type { CardRoom } from '../payment/card-room.ts';
import type { Clock, Timer } from '../shared/clock.ts';
import { CodedError } from '../shared/coded-error.ts';
import type { MediaPlane } from '../telephony/media-plane.ts';

/** A room that died is opened again after this long, then after twice as long each time, up to the limit. */
const firstRetryMs = 250;
const retryLimitMs = 30_000;

export interface RoomKeeperListener {
  notice(notice: Notice): void;
  /** The room is gone with all that it held. Requests under way have been rejected. */
  lost(reason: string): void;
  opened(): void;
  badMessage(): void;
}

/** Keeps a room open: the one that is there now stands behind its methods, and when it dies another takes its place. */
export class RoomKeeper implements MediaPlane, CardRoom {
  readonly #settings: RoomSettings;
  readonly #listener: RoomKeeperListener;
  readonly #clock: Clock;
  #door: Door | undefined;
  #retry: Timer | undefined;
  #retryMs = firstRetryMs;
  #closed = false;
  #mediaReady = true;

  constructor(settings: RoomSettings, listener: RoomKeeperListener, clock: Clock) {
    this.#settings = settings;
    this.#listener = listener;
    this.#clock = clock;
  }

  get open(): boolean {
    return this.#door !== undefined;
  }

  /** Whether the room has media for new calls. */
  get mediaReady(): boolean {
    return this.open && this.#mediaReady;
  }

  get requestsUnderWay(): number {
    return this.#door?.counts().underWay ?? 0;
  }

  /** Opens the first room. @throws {CodedError} as `openRoom` does: at the start nothing is tried twice. */
  async start(): Promise<void> {
    this.#mediaReady = true;
    this.#door = await openRoom(this.#settings, {
      notice: (notice) => {
        if (notice.kind === 'media.ready') this.#mediaReady = notice.ready;
        this.#listener.notice(notice);
      },
      badMessage: () => this.#listener.badMessage(),
      died: (reason) => this.#died(reason),
    });
    this.#retryMs = firstRetryMs;
    this.#listener.opened();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#retry?.cancel();
    const door = this.#door;
    this.#door = undefined;
    await door?.close();
  }

  #died(reason: string): void {
    if (this.#closed) return;
    this.#door = undefined;
    this.#listener.lost(reason);
    this.#startLater();
  }

  #startLater(): void {
    this.#retry = this.#clock.after(this.#retryMs, () => {
      this.#retryMs = Math.min(this.#retryMs * 2, retryLimitMs);
      this.start().then(
        () => (this.#closed ? this.close() : undefined),
        () => this.#startLater(),
      );
    });
  }

  get #room(): Door {
    if (this.#door === undefined) throw new CodedError('cde-lost');
    return this.#door;
  }

  beginCall = async (...ask: Parameters<Door['beginCall']>) => this.#room.beginCall(...ask);
  acceptOffer = async (...ask: Parameters<Door['acceptOffer']>) => this.#room.acceptOffer(...ask);
  describeOffer = async (...ask: Parameters<Door['describeOffer']>) => this.#room.describeOffer(...ask);
  acceptAnswer = async (...ask: Parameters<Door['acceptAnswer']>) => this.#room.acceptAnswer(...ask);
  passAnswer = async (...ask: Parameters<Door['passAnswer']>) => this.#room.passAnswer(...ask);
  describeAnswer = async (...ask: Parameters<Door['describeAnswer']>) => this.#room.describeAnswer(...ask);
  rollback = async (...ask: Parameters<Door['rollback']>) => this.#room.rollback(...ask);
  infoReceived = async (...ask: Parameters<Door['infoReceived']>) => this.#room.infoReceived(...ask);
  endCall = async (...ask: Parameters<Door['endCall']>) => this.#room.endCall(...ask);
  openField = async (...ask: Parameters<Door['openField']>) => this.#room.openField(...ask);
  stopField = async (...ask: Parameters<Door['stopField']>) => this.#room.stopField(...ask);
  release = async (...ask: Parameters<Door['release']>) => this.#room.release(...ask);
  wipe = async (...ask: Parameters<Door['wipe']>) => this.#room.wipe(...ask);
  authorise = async (...ask: Parameters<Door['authorise']>) => this.#room.authorise(...ask);
  enquire = async (...ask: Parameters<Door['enquire']>) => this.#room.enquire(...ask);
  voidPayment = async (...ask: Parameters<Door['voidPayment']>) => this.#room.voidPayment(...ask);
  refund = async (...ask: Parameters<Door['refund']>) => this.#room.refund(...ask);
  describePsps = async (...ask: Parameters<Door['describePsps']>) => this.#room.describePsps(...ask);
}
