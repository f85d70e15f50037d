import type { CardField } from '../shared/card-field.ts';
import { type Clock, systemClock, type Timer } from '../shared/clock.ts';
import { CodedError } from '../shared/coded-error.ts';
import type { AttemptId, CallId, SessionId } from '../shared/ids.ts';
import type { LegSide } from '../shared/leg-side.ts';
import type { SrtpWishes } from '../shared/srtp-policy.ts';
import { requireCredentials } from './authorisation/psp-secrets.ts';
import { readPspSettings } from './authorisation/psp-settings.ts';
import { Coalescer } from './coalescer.ts';
import {
  type Answer,
  type Ask,
  type EnquirySubject,
  type FieldPolicy,
  type Notice,
  outwardSchema,
  type PaymentOrder,
  type RefundOrder,
  type RequestKind,
} from './messages.ts';
import { openingId, RequestBook } from './request-book.ts';
import { type RoomLink, startRoomProcess } from './room-process.ts';
import type { RoomSettings } from './room-settings.ts';

export { httpPspSchema } from './authorisation/http-schema.ts';
export type { Notice } from './messages.ts';
export type { RoomSettings } from './room-settings.ts';
export { runToneDetector } from './tone-tool.ts';

/** Who is told what the room says by itself. */
export interface RoomListener {
  notice(notice: Notice): void;
  /** The room's process is gone, unasked. Every request under way has been rejected with `cde-lost`. Once. */
  died(reason: string): void;
  /** A message came out that the vocabulary does not have; it was dropped. */
  badMessage(): void;
}

export interface DoorCounts {
  /** Requests that wait for an answer. */
  readonly underWay: number;
  /** Answers that came after their request had timed out. */
  readonly late: number;
  readonly badMessages: number;
}

const openingMs = 40_000;
const mediaMs = 5_000;
/** A release waits for the press in progress; a key held longer than this is stuck. */
const releaseMs = 15_000;
/** How much longer the door waits than the room waits for a provider. */
const beyondPspMs = 10_000;
const closingMs = 5_000;

/**
 * Opens the walled room: starts its process and gives it its settings.
 * @throws {CodedError} `unknown-psp` when a configured provider has no adapter in this build or its settings are wrong
 * (the error is about the key) or its credential is not in the environment, `media-failed` when the media engine does not start, `cde-lost` when the process ends.
 */
export async function openRoom(
  settings: RoomSettings,
  listener: RoomListener,
  clock: Clock = systemClock,
  start: () => RoomLink = startRoomProcess,
): Promise<Door> {
  const psps = readPspSettings(settings.psps);
  requireCredentials(psps, process.env);
  const slowestPspMs = Math.max(...psps.map((psp) => psp.timeoutSeconds * 1000));
  const door = new Door(start(), listener, clock, slowestPspMs + beyondPspMs);
  await door.opened(settings);
  return door;
}

/**
 * The only way into the walled room, for all the rest of the gateway. It never sees a card digit. Its methods are those
 * that payments (`CardRoom`) and telephony (`MediaPlane`) ask for; each rejects with a `CodedError` and nothing else.
 */
export class Door {
  readonly #link: RoomLink;
  readonly #listener: RoomListener;
  readonly #clock: Clock;
  readonly #pspMs: number;
  readonly #book: RequestBook;
  readonly #ends: Coalescer;
  /** Calls on which a field was asked for. */
  readonly #keyed = new Set<CallId>();
  readonly #ended: Promise<void>;
  #opening: { resolve: () => void; reject: (error: CodedError) => void; limit: Timer } | undefined;
  #closing = false;
  #gone = false;
  #late = 0;
  #badMessages = 0;

  constructor(link: RoomLink, listener: RoomListener, clock: Clock, pspMs: number) {
    this.#link = link;
    this.#listener = listener;
    this.#clock = clock;
    this.#pspMs = pspMs;
    this.#book = new RequestBook(clock);
    this.#ends = new Coalescer(clock, this.#sendNow);
    link.onMessage((message) => this.#receive(message));
    this.#ended = new Promise((resolve) => {
      link.onEnd((reason) => {
        this.#end(reason);
        resolve();
      });
    });
  }

  /** Process id of the room; undefined when it could not be started. */
  get pid(): number | undefined {
    return this.#link.pid;
  }

  counts(): DoorCounts {
    return { underWay: this.#book.size, late: this.#late, badMessages: this.#badMessages };
  }

  /** Gives the room its settings; resolves when it serves. For `openRoom` alone. */
  opened(settings: RoomSettings): Promise<void> {
    return new Promise((resolve, reject) => {
      const limit = this.#clock.after(openingMs, () => this.#link.kill());
      this.#opening = { resolve, reject, limit };
      this.#link.send({ settings });
    });
  }

  /** Ends every call in the room, wipes it, and waits for its process to end; a room that does not is killed. */
  async close(): Promise<void> {
    this.#closing = true;
    const limit = this.#clock.after(closingMs, () => this.#link.kill());
    this.#ends.flush();
    // Whatever the answer is, the end of the process is what counts.
    await Promise.allSettled([this.#ask('room.close', {}, closingMs)]);
    await this.#ended;
    limit.cancel();
  }

  async beginCall(call: CallId, leg: LegSide, sdp: string | null, srtp: SrtpWishes = {}): Promise<string> {
    return (await this.#ask('call.begin', { call, srtp, leg, sdp })).sdp;
  }

  async acceptOffer(call: CallId, leg: LegSide, sdp: string): Promise<void> {
    await this.#ask('sdp.acceptOffer', { call, leg, sdp });
  }

  async describeOffer(call: CallId, leg: LegSide): Promise<string> {
    return (await this.#ask('sdp.describeOffer', { call, leg })).sdp;
  }

  async acceptAnswer(call: CallId, leg: LegSide, sdp: string): Promise<void> {
    await this.#ask('sdp.acceptAnswer', { call, leg, sdp });
  }

  async passAnswer(call: CallId, leg: LegSide, sdp: string): Promise<string> {
    return (await this.#ask('sdp.passAnswer', { call, leg, sdp })).sdp;
  }

  async describeAnswer(call: CallId, leg: LegSide): Promise<string> {
    return (await this.#ask('sdp.describeAnswer', { call, leg })).sdp;
  }

  async rollback(call: CallId, leg: LegSide): Promise<void> {
    await this.#ask('sdp.rollback', { call, leg });
  }

  /** @returns whether the INFO may be passed on to the other leg; never while the call is secured. */
  async infoReceived(call: CallId, leg: LegSide, contentType: string, body: string): Promise<boolean> {
    return (await this.#ask('info.received', { call, leg, contentType, body })).passOn;
  }

  /** Ends in company with others, for nobody waits for it; but at once where the room may hold what was keyed. */
  endCall(call: CallId): Promise<Answer<'call.end'>> {
    const send = this.#keyed.delete(call) ? this.#sendNow : (message: unknown) => this.#ends.add(message);
    return this.#ask('call.end', { call }, mediaMs, send);
  }

  /** Resolves when the call is secured and the field takes keys. */
  async openField(call: CallId, session: SessionId, field: CardField, policy: FieldPolicy): Promise<void> {
    this.#keyed.add(call);
    await this.#ask('field.open', { call, session, field, policy });
  }

  async stopField(call: CallId): Promise<void> {
    await this.#ask('field.stop', { call });
  }

  release(call: CallId): Promise<Answer<'call.release'>> {
    return this.#ask('call.release', { call }, releaseMs);
  }

  async wipe(session: SessionId, fields: CardField[] | null): Promise<void> {
    await this.#ask('card.wipe', { session, fields });
  }

  authorise(
    session: SessionId,
    attempt: AttemptId,
    psp: string,
    order: PaymentOrder,
    last: boolean,
  ): Promise<Answer<'payment.authorise'>> {
    return this.#ask('payment.authorise', { session, attempt, psp, order, last }, this.#pspMs);
  }

  enquire(attempt: AttemptId, psp: string, about: EnquirySubject = 'payment'): Promise<Answer<'payment.enquire'>> {
    return this.#ask('payment.enquire', { attempt, psp, about }, this.#pspMs);
  }

  async voidPayment(attempt: AttemptId, psp: string, reference: string | null): Promise<boolean> {
    return (await this.#ask('payment.void', { attempt, psp, reference }, this.#pspMs)).voided;
  }

  refund(psp: string, order: RefundOrder): Promise<Answer<'payment.refund'>> {
    return this.#ask('payment.refund', { psp, order }, this.#pspMs);
  }

  describePsps(): Promise<Answer<'psp.describe'>> {
    return this.#ask('psp.describe', {});
  }

  readonly #sendNow = (message: unknown): void => this.#link.send(message);

  #ask<K extends RequestKind>(
    kind: K,
    ask: Ask<K>,
    limitMs = mediaMs,
    send: (message: unknown) => void = this.#sendNow,
  ): Promise<Answer<K>> {
    if (this.#gone) return Promise.reject(new CodedError('cde-lost'));
    return this.#book.ask(kind, ask, limitMs, send);
  }

  #receive(message: unknown): void {
    const outward = outwardSchema.safeParse(message);
    if (!outward.success) return this.#bad();
    const { data } = outward;
    if ('notice' in data) return this.#listener.notice(data.notice);
    if (data.id === openingId) return this.#settleOpening(data.ok ? undefined : new CodedError(data.code));
    const fate = data.ok ? this.#book.answered(data.id, data.answer) : this.#book.refused(data.id, data.code);
    if (fate === 'bad') this.#bad();
    if (fate === 'late') this.#late += 1;
  }

  #bad(): void {
    this.#badMessages += 1;
    this.#listener.badMessage();
  }

  #settleOpening(error: CodedError | undefined): void {
    const opening = this.#opening;
    if (opening === undefined) return;
    this.#opening = undefined;
    opening.limit.cancel();
    if (error === undefined) return opening.resolve();
    // A room that did not open is no room that died.
    this.#closing = true;
    this.#link.kill();
    opening.reject(error);
  }

  #end(reason: string): void {
    this.#gone = true;
    this.#settleOpening(new CodedError('cde-lost', `the walled room did not open: ${reason}`));
    this.#book.rejectAll('cde-lost');
    this.#ends.drop();
    if (!this.#closing) this.#listener.died(reason);
  }
}
