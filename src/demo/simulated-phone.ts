import type { Clock } from '../shared/clock.ts';
import { tagOf } from '../sip-server/message/name-address.ts';
import { headerOf, headersOf, type SipRequest, type SipResponse } from '../sip-server/message/sip-message.ts';
import { defaultSipServerLimits } from '../sip-server/sip-server-limits.ts';
import type { ServerTransaction } from '../sip-server/transaction/server-transaction.ts';
import { TransactionLayer, type TransactionUser } from '../sip-server/transaction/transaction-layer.ts';
import type { Hearing } from './ear.ts';
import type { EstablishedCall } from './established-call.ts';
import { KeyPlayer, type KeyWay } from './key-player.ts';
import { allowed, PhoneSide } from './phone-side.ts';
import { PlacedCall } from './placed-call.ts';
import { RtpLine } from './rtp-line.ts';
import { TakenCall } from './taken-call.ts';
import { hum, type VoiceOptions } from './voice.ts';

export type PhoneState = 'idle' | 'calling' | 'talking';

export interface PhoneOptions {
  /** Its own SIP address, `host:port`, over UDP. */
  readonly listen: string;
  readonly user: string;
  readonly voice: VoiceOptions;
  readonly clock: Clock;
}

/** Time for a BYE to leave and be answered before the sockets close. */
const farewellMs = 100;

interface CurrentCall {
  readonly leg: PlacedCall | TakenCall;
  readonly line: RtpLine;
  /** What the gateway calls this call, where it says so. */
  readonly gatewayId: string | null;
  established: EstablishedCall | undefined;
}

/** A telephone of real SIP and RTP for one call at a time, that picks up by itself. */
export class SimulatedPhone implements TransactionUser {
  readonly #options: PhoneOptions;
  readonly #voice: readonly Uint8Array[];
  readonly #keys = new KeyPlayer();
  #side: PhoneSide | undefined;
  #call: CurrentCall | undefined;
  /** A line is being opened: the phone is taken, though there is no call yet. */
  #opening = false;
  #closed = false;

  private constructor(options: PhoneOptions) {
    this.#options = options;
    this.#voice = hum(options.voice);
  }

  /** @throws {Error} naming the address that cannot be bound. */
  static async open(options: PhoneOptions): Promise<SimulatedPhone> {
    const phone = new SimulatedPhone(options);
    const observer = { observe: () => undefined };
    const { clock, listen, user } = options;
    const layer = await TransactionLayer.start(
      { listen: [`udp/${listen}`], limits: { ...defaultSipServerLimits, transactions: 64 }, observer, clock },
      phone,
    );
    phone.#side = new PhoneSide(layer, user, clock);
    return phone;
  }

  get state(): PhoneState {
    if (this.#call?.established !== undefined) return 'talking';
    return this.#call !== undefined || this.#opening ? 'calling' : 'idle';
  }

  get gatewayId(): string | null {
    return this.#call?.gatewayId ?? null;
  }

  get hearing(): Hearing {
    return this.#call?.line.ear.hearing(this.#options.clock.monotonic()) ?? { ear: 'nothing', eventPackets: 0 };
  }

  /** What was heard in this call after packet number `after`; nothing where there is no call. */
  sound(after: number): { readonly last: number; readonly sound: Uint8Array } {
    return this.#call?.line.ear.sound(after) ?? { last: 0, sound: new Uint8Array() };
  }

  /** Places a call; harmless while there is one. @returns false when it could not be sent. */
  async call(uri: string): Promise<boolean> {
    if (this.state !== 'idle') return true;
    return this.#withLine((line) => {
      const parts = { side: this.#mySide, line, address: this.#address, uri };
      const leg = new PlacedCall({ ...parts, ...this.#follow(line) });
      this.#call = { leg, line, gatewayId: null, established: undefined };
      if (leg.start()) return;
      this.#drop(line);
    }).then(() => this.#call !== undefined);
  }

  hangUp(): void {
    this.#call?.leg.hangUp();
  }

  /** @returns false when there is no call, or too many keys wait. */
  press(key: string, way: KeyWay): boolean {
    return this.state === 'talking' && this.#keys.press(key, way);
  }

  async close(): Promise<void> {
    const talking = this.#call !== undefined;
    this.#closed = true;
    this.hangUp();
    this.#call?.line.close();
    if (talking) await new Promise<void>((resolve) => this.#options.clock.after(farewellMs, resolve));
    await this.#side?.layer.close();
  }

  onRequest(transaction: ServerTransaction): void {
    const { request } = transaction;
    if (request.method === 'CANCEL') return this.#takeCancel(transaction);
    if (tagOf(headerOf(request, 'To')) !== undefined) return this.#takeInDialog(transaction);
    if (request.method === 'INVITE') return void this.#takeInvite(transaction);
    const known = request.method === 'OPTIONS';
    this.#mySide.answer(transaction, known ? 200 : 405, [{ name: 'Allow', value: allowed }]);
  }

  onAck(ack: SipRequest): void {
    if (this.#isOurs(ack)) this.#call?.established?.acknowledge(ack);
  }

  /** A 200 to an INVITE that we have long given up: its sender hears no ACK and ends it. */
  onLateAnswer(_response: SipResponse): void {
    return undefined;
  }

  async #takeInvite(transaction: ServerTransaction): Promise<void> {
    if (this.state !== 'idle') return this.#mySide.answer(transaction, 486);
    // RFC 3262 §3: what demands reliable provisional answers gets none from us.
    const required = headersOf(transaction.request, 'Require').join(', ');
    if (required !== '') return this.#mySide.answer(transaction, 420, [{ name: 'Unsupported', value: required }]);
    const id = transaction.request.headers.find((field) => field.name.toLowerCase() === 'x-tonelock-call')?.value;
    await this.#withLine((line) => {
      const leg = new TakenCall({
        side: this.#mySide,
        line,
        address: this.#address,
        transaction,
        ...this.#follow(line),
      });
      this.#call = { leg, line, gatewayId: id ?? null, established: undefined };
      leg.start();
    }).catch(() => this.#mySide.answer(transaction, 500));
  }

  #takeCancel(transaction: ServerTransaction): void {
    const invite = this.#mySide.layer.inviteOf(transaction.request);
    this.#mySide.answer(transaction, invite === undefined ? 481 : 200);
    if (invite?.open === true && this.#call?.leg instanceof TakenCall) this.#call.leg.cancelled();
  }

  #takeInDialog(transaction: ServerTransaction): void {
    const call = this.#call?.established;
    if (call !== undefined && this.#isOurs(transaction.request)) call.take(transaction);
    else this.#mySide.answer(transaction, 481);
  }

  #isOurs(request: SipRequest): boolean {
    const dialog = this.#call?.established?.dialog;
    return (
      dialog !== undefined &&
      dialog.callId === headerOf(request, 'Call-ID') &&
      dialog.localTag === tagOf(headerOf(request, 'To'))
    );
  }

  #follow(line: RtpLine): { answered: (call: EstablishedCall) => void; ended: () => void } {
    return {
      answered: (established) => {
        if (this.#call?.line === line) this.#call.established = established;
      },
      ended: () => this.#drop(line),
    };
  }

  async #withLine(use: (line: RtpLine) => void): Promise<void> {
    this.#opening = true;
    try {
      const line = await RtpLine.open(this.#address, this.#options.clock, this.#voice, this.#keys);
      if (this.#closed) line.close();
      else use(line);
    } finally {
      this.#opening = false;
    }
  }

  #drop(line: RtpLine): void {
    line.close();
    if (this.#call?.line === line) this.#call = undefined;
  }

  /** Sound goes in and out where signalling does. */
  get #address(): string {
    return this.#mySide.layer.transports.points[0]?.address ?? '';
  }

  get #mySide(): PhoneSide {
    if (this.#side === undefined) throw new Error('the phone has not started');
    return this.#side;
  }
}
