import fc from 'fast-check';
import { vi } from 'vitest';
import { CardVault } from '../../src/cde/entry/card-vault.ts';
import { DigitBuffer } from '../../src/cde/entry/digit-buffer.ts';
import type { Answer, Ask, RequestKind } from '../../src/cde/messages.ts';
import { configSchema } from '../../src/config/config-schema.ts';
import type { PayableCall } from '../../src/payment/call-gate.ts';
import type { AuthorisationOutcome, CardRoom, FieldNotice } from '../../src/payment/card-room.ts';
import type { DeskObserver } from '../../src/payment/desk-observer.ts';
import { deskSettings } from '../../src/payment/desk-settings.ts';
import { SessionDesk } from '../../src/payment/session-desk.ts';
import { CodedError } from '../../src/shared/coded-error.ts';
import type { SessionId } from '../../src/shared/ids.ts';
import { agent1001, nobodyOutside } from './desk-bench.ts';
import { FakeCallGate } from './fake-call-gate.ts';
import { settle } from './fake-clock.ts';
import { FakeTransactionBook } from './fake-transaction-book.ts';
import { RoomBench } from './room-bench.ts';

/** What the simulator is made to do, by the amount's last two digits. */
const amounts = [5000, 5001, 5002, 5003, 5004, 5005, 5006, 5007, 5008, 5009, 5011];
const commands = [
  'pan',
  'cvc',
  'stop',
  'authorise',
  'accept',
  'refuse',
  'retry',
  'newPayment',
  'cancel',
  'close',
  'add',
];
const keys = ['4111111111111111#', '4111111', '737', '73', '*', '#', '5555555555554444'];

export type Squall =
  /** `pay`: all that a payment takes, in its order. */
  | {
      readonly do:
        | 'open'
        | 'ready'
        | 'pay'
        | 'hangUp'
        | 'second'
        | 'minute'
        | 'lockFails'
        | 'releaseFails'
        | 'outcomeFails';
    }
  | { readonly do: 'command'; readonly which: number }
  | { readonly do: 'key'; readonly which: number }
  | { readonly do: 'amount'; readonly which: number };

const plain = <const Names extends readonly Exclude<Squall['do'], 'command' | 'key' | 'amount'>[]>(...names: Names) =>
  fc.constantFrom(...names.map((name) => ({ do: name }) as Squall));
const one = (name: 'command' | 'key' | 'amount', list: readonly unknown[]) =>
  fc.nat(list.length - 1).map((which) => ({ do: name, which }) as Squall);

export const squallArbitrary: fc.Arbitrary<Squall> = fc.oneof(
  { weight: 8, arbitrary: plain('pay', 'pay', 'ready', 'open') },
  { weight: 10, arbitrary: one('command', commands) },
  { weight: 5, arbitrary: one('key', keys) },
  { weight: 3, arbitrary: one('amount', amounts) },
  { weight: 3, arbitrary: plain('second', 'minute') },
  { weight: 1, arbitrary: plain('hangUp', 'lockFails', 'releaseFails', 'outcomeFails') },
);

/**
 * The real desk over the real walled room, with media and storage of paper: whatever is done to it, digits are where they
 * may be and nowhere else. Every buffer that ever took a digit is watched.
 */
export class WalledStorm {
  readonly faults: string[] = [];
  readonly #buffers = new Set<DigitBuffer>();
  readonly #kept = new Set<DigitBuffer>();
  /** Codes by the session that they were keyed in: another may still be with a provider. */
  readonly #codes = new Map<DigitBuffer, SessionId>();
  readonly #answers = new Map<string, AuthorisationOutcome['outcome'] | 'waiting'>();
  readonly #calls = new FakeCallGate();
  readonly #book = new FakeTransactionBook();
  readonly #room: RoomBench;
  readonly #desk: SessionDesk;
  readonly #call: PayableCall;
  #session: SessionId | undefined;
  #heard = 0;
  #over = false;

  private constructor(room: RoomBench) {
    this.#room = room;
    this.#call = this.#calls.add('1001');
    this.#watchDigits();
    this.#desk = new SessionDesk({
      room: this.#inner(),
      calls: this.#calls,
      book: this.#book,
      settings: deskSettings(configSchema.parse({})),
      clock: room.clock,
      ...{ emit: () => undefined, notices: nobodyOutside },
      observer: new Proxy({}, { get: () => () => undefined }) as DeskObserver,
    });
  }

  static async begin(): Promise<WalledStorm> {
    const room = await RoomBench.open();
    const storm = new WalledStorm(room);
    await room.ask('call.begin', { call: storm.#call.id, leg: 'caller', sdp: null });
    return storm;
  }

  /** Authorisations that had an answer: a storm without any shows nothing. */
  get answered(): number {
    return [...this.#answers.values()].filter((answer) => answer !== 'waiting').length;
  }

  async run(squalls: readonly Squall[]): Promise<void> {
    for (const squall of squalls) {
      await this.#act(squall);
      await this.#rest();
    }
    await this.#act({ do: 'hangUp' });
    for (let minute = 0; minute < 3; minute += 1) await this.#room.clock.run(60_000);
    await this.#rest();
    for (const buffer of this.#buffers) if (buffer.length > 0) this.faults.push('digits were left at the end');
    this.#desk.stop();
    await this.#room.room.close();
  }

  async #act(squall: Squall): Promise<void> {
    const { clock, engine } = this.#room;
    switch (squall.do) {
      case 'command':
        return this.#command(commands[squall.which] ?? '');
      case 'key':
        return engine.press(this.#call.id, keys[squall.which] ?? '');
      case 'amount':
        return this.#quiet(this.#desk.changeDetails(this.#id(), { amount: amounts[squall.which] ?? 1 }, agent1001));
      case 'second':
      case 'minute':
        return clock.run(squall.do === 'second' ? 1_000 : 60_000);
      case 'ready':
        return this.#takeBoth();
      case 'pay':
        return this.#pay();
      case 'lockFails':
      case 'releaseFails':
        engine.instead.set(squall.do === 'lockFails' ? 'secure' : 'release', async () => {
          throw new CodedError('media-failed');
        });
        return;
      case 'outcomeFails':
        this.#book.failures.conclude += 1;
        return;
      case 'open':
        return this.#open();
      case 'hangUp':
        return this.#hangUp();
    }
  }

  #open(): void {
    const details = { type: 'charge', amount: 5000, cardholder: 'A N OTHER', expiry: '12/30', currency: 'JPY' };
    const opening = this.#desk.open(this.#call.id, agent1001, { details });
    const opened = opening.then((view) => {
      this.#session = view.id as SessionId;
    });
    this.#quiet(opened);
  }

  async #pay(): Promise<void> {
    for (const again of ['', 'retry', 'newPayment']) {
      if (again !== '') this.#command(again);
      await this.#rest();
    }
    this.#open();
    await this.#rest();
    await this.#takeBoth();
    this.#command('authorise');
  }

  async #takeBoth(): Promise<void> {
    for (const [field, typed] of [
      ['pan', '4111111111111111#'],
      ['cvc', '737'],
    ] as const) {
      this.#command(field);
      await this.#rest();
      this.#room.engine.press(this.#call.id, typed);
      await this.#rest();
    }
  }

  #hangUp(): void {
    if (this.#over) return;
    this.#over = true;
    this.#calls.end(this.#call.id);
    this.#desk.callEnded(this.#call.id, 'caller', 'BYE');
    this.#quiet(this.#room.ask('call.end', { call: this.#call.id }));
  }

  #command(name: string): void {
    const [desk, id, by] = [this.#desk, this.#id(), agent1001];
    const all: Record<string, () => Promise<unknown>> = {
      pan: () => desk.requestCapture(id, 'pan', by),
      cvc: () => desk.requestCapture(id, 'cvc', by),
      stop: () => desk.stopCapture(id, by),
      authorise: () => desk.authorise(id, by),
      accept: () => desk.answerSurcharge(id, true, by),
      refuse: () => desk.answerSurcharge(id, false, by),
      retry: () => desk.retry(id, by),
      newPayment: () => desk.newPayment(id, by),
      cancel: () => desk.cancel(id, by),
      close: () => desk.close(id, by),
      add: () => desk.addPayment(id, { type: 'authorise', amount: 100 }, by),
    };
    this.#quiet(all[name]?.() ?? Promise.resolve());
  }

  #id(): SessionId {
    return this.#session ?? this.#room.session;
  }

  #quiet(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      if (!(error instanceof CodedError)) this.faults.push(`a command failed: ${String(error)}`);
    });
  }

  /** What the room says by itself reaches the desk, as over the door. */
  async #rest(): Promise<void> {
    for (let round = 0; round < 3; round += 1) {
      await settle();
      for (const notice of this.#room.notices.slice(this.#heard))
        if (notice.kind.startsWith('field.')) this.#desk.fieldNotice(notice as FieldNotice);
      this.#heard = this.#room.notices.length;
    }
    await settle();
  }

  #watchDigits(): void {
    const { push } = DigitBuffer.prototype;
    const buffers = this.#buffers;
    vi.spyOn(DigitBuffer.prototype, 'push').mockImplementation(function (this: DigitBuffer, key) {
      buffers.add(this);
      push.call(this, key);
    });
    const { keepPan, keepCvc } = CardVault.prototype;
    const [kept, codes] = [this.#kept, this.#codes];
    vi.spyOn(CardVault.prototype, 'keepPan').mockImplementation(function (this: CardVault, session, buffer, brand) {
      kept.add(buffer);
      keepPan.call(this, session, buffer, brand);
    });
    vi.spyOn(CardVault.prototype, 'keepCvc').mockImplementation(function (this: CardVault, session, buffer) {
      kept.add(buffer);
      codes.set(buffer, session);
      keepCvc.call(this, session, buffer);
    });
    const release = this.#room.engine.release.bind(this.#room.engine);
    this.#room.engine.release = (call) => {
      for (const buffer of buffers)
        if (buffer.length > 0 && !kept.has(buffer))
          this.faults.push('the agent hears while keyed digits are not wiped');
      return release(call);
    };
  }

  #ask<K extends RequestKind>(kind: K, ask: Ask<K>): Promise<Answer<K>> {
    return this.#room.ask(kind, ask);
  }

  async #authorise(ask: Ask<'payment.authorise'>): Promise<AuthorisationOutcome> {
    const before = this.#answers.get(ask.attempt);
    if (before !== undefined && before !== 'not-sent' && before !== 'surcharge')
      this.faults.push(`sent again after ${before}`);
    this.#answers.set(ask.attempt, 'waiting');
    const mine = [...this.#codes].filter(([code, session]) => code.length > 0 && session === ask.session);
    const codes = mine.map(([code]) => code);
    const answer = await this.#ask('payment.authorise', ask);
    this.#answers.set(ask.attempt, answer.outcome);
    const goesOn = answer.outcome === 'surcharge' || (answer.outcome === 'approved' && !ask.last);
    if (!goesOn && codes.some((code) => code.length > 0)) this.faults.push('a code was kept past the answer');
    return answer;
  }

  #inner(): CardRoom {
    return {
      openField: async (call, session, field, policy) =>
        void (await this.#ask('field.open', { call, session, field, policy })),
      stopField: async (call) => void (await this.#ask('field.stop', { call })),
      release: (call) => this.#ask('call.release', { call }),
      wipe: async (session, fields) => void (await this.#ask('card.wipe', { session, fields })),
      authorise: (session, attempt, psp, order, last) => this.#authorise({ session, attempt, psp, order, last }),
      enquire: (attempt, psp, about = 'payment') => this.#ask('payment.enquire', { attempt, psp, about }),
      voidPayment: async (attempt, psp, reference) =>
        (await this.#ask('payment.void', { attempt, psp, reference })).voided,
      refund: (psp, order) => this.#ask('payment.refund', { psp, order }),
      describePsps: () => this.#ask('psp.describe', {}),
    };
  }
}
