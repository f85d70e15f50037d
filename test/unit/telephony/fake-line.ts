import { CodedError } from '../../../src/shared/coded-error.ts';
import { newCallId } from '../../../src/shared/ids.ts';
import { type LegSide, otherSide } from '../../../src/shared/leg-side.ts';
import type { SrtpWishes } from '../../../src/shared/srtp-policy.ts';
import { Call } from '../../../src/telephony/call.ts';
import type { CallSink, MediaReports } from '../../../src/telephony/call-ports.ts';
import type { Ending } from '../../../src/telephony/call-state.ts';
import type { MediaPlane } from '../../../src/telephony/media-plane.ts';
import type { Consultation } from '../../../src/telephony/referral.ts';
import type {
  DialEvents,
  DialogEvents,
  DialogIdentity,
  DialTarget,
  IncomingInvite,
  Responder,
  SipDialog,
  SipPort,
} from '../../../src/telephony/sip-port.ts';
import { FakeClock } from '../../support/fake-clock.ts';

export const sdp = (address = '192.0.2.1', port = 4000, direction = 'sendrecv'): string =>
  `v=0\r\no=- 1 1 IN IP4 ${address}\r\ns=-\r\nc=IN IP4 ${address}\r\nt=0 0\r\nm=audio ${port} RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\na=${direction}\r\n`;

const noCounts = { received: 0, sent: 0, lost: 0, jitterMs: 0, refused: 0 };

export class FakeMedia implements MediaPlane {
  readonly log: string[] = [];
  readonly open = new Set<string>();
  readonly srtp: SrtpWishes[] = [];
  refuse: string | undefined;
  passInfo = true;

  #do(word: string): void {
    this.log.push(word);
    if (this.refuse === word) throw new CodedError(word.startsWith('accept') ? 'not-acceptable-media' : 'media-failed');
  }

  async beginCall(call: string, leg: LegSide, sdp: string | null, srtp: SrtpWishes = {}): Promise<string> {
    this.#do('createCall');
    this.srtp.push(srtp);
    this.open.add(call);
    if (sdp !== null) await this.acceptOffer(call, leg);
    return this.describeOffer(call, otherSide(leg));
  }
  async passAnswer(call: string, leg: LegSide): Promise<string> {
    await this.acceptAnswer(call, leg);
    return this.describeAnswer(call, otherSide(leg));
  }
  async acceptOffer(_: string, leg: LegSide): Promise<void> {
    this.#do(`acceptOffer ${leg}`);
  }
  async describeOffer(_: string, leg: LegSide): Promise<string> {
    this.#do(`describeOffer ${leg}`);
    return `offer for ${leg}`;
  }
  async acceptAnswer(_: string, leg: LegSide): Promise<void> {
    this.#do(`acceptAnswer ${leg}`);
  }
  async describeAnswer(_: string, leg: LegSide): Promise<string> {
    this.#do(`describeAnswer ${leg}`);
    return `answer for ${leg}`;
  }
  async rollback(_: string, leg: LegSide): Promise<void> {
    this.log.push(`rollback ${leg}`);
  }
  async infoReceived(): Promise<boolean> {
    return this.passInfo;
  }
  async endCall(call: string): Promise<MediaReports> {
    this.log.push('endCall');
    this.open.delete(call);
    return { caller: noCounts, agent: noCounts };
  }
}

let dialogs = 0;

export class FakeDialog implements SipDialog {
  readonly identity = dialogIdentity();
  readonly sent: string[] = [];
  alive = true;
  notifyTransfer(status: number): void {
    this.sent.push(`NOTIFY ${status}`);
  }
  reply: { status: number; sdp: string | null } = { status: 200, sdp: sdp('192.0.2.9') };
  #release: (() => void) | undefined;
  /** When set, `offer` waits until `answerNow` is called. */
  holdOffer = false;

  async bye(reason: string): Promise<void> {
    if (!this.alive) return;
    this.alive = false;
    this.sent.push(`BYE ${reason}`);
  }
  async offer(text: string): Promise<{ status: number; sdp: string | null }> {
    this.sent.push(`INVITE ${text}`);
    if (this.holdOffer) await new Promise<void>((resolve) => (this.#release = resolve));
    return this.reply;
  }
  answerNow(): void {
    this.#release?.();
  }
  async info(contentType: string): Promise<number> {
    this.sent.push(`INFO ${contentType}`);
    return 200;
  }
}

function dialogIdentity(): DialogIdentity {
  dialogs += 1;
  const remoteTarget = `sip:far@192.0.2.${dialogs % 250}`;
  return { callId: `call-${dialogs}`, localTag: `ours-${dialogs}`, remoteTag: `theirs-${dialogs}`, remoteTarget };
}

export class FakeResponder implements Responder {
  answer: string | undefined;
  acceptLater(): void {
    this.answer ??= '202';
  }
  accept(text: string | null): void {
    this.answer ??= `200 ${text ?? ''}`.trim();
  }
  refuse(status: number, headers?: Readonly<Record<string, string>>): void {
    this.answer ??= [status, ...Object.keys(headers ?? {})].join(' ');
  }
}

export class FakeInvite implements IncomingInvite {
  source = { address: '127.0.0.1', port: 5099, protocol: 'udp' };
  user = '1001';
  fromUser = 'customer';
  fromName = '';
  maxForwards = 70;
  handedOn = {};
  replaces: string | null = null;
  way = null;
  readonly sdp: string | null;
  readonly responses: string[] = [];
  readonly dialog = new FakeDialog();
  events: DialogEvents | undefined;
  cancel: () => void = () => undefined;
  /** `late` leaves the 200 under way until `deliver` is called; `fail` lets a CANCEL win. */
  mode: 'at-once' | 'late' | 'fail' = 'at-once';
  deliver: () => void = () => undefined;

  constructor(offer: string | null = sdp()) {
    this.sdp = offer;
  }
  onCancel(listener: () => void): void {
    this.cancel = listener;
  }
  progress(status: number, text: string | null): void {
    this.responses.push(`${status} ${text ?? ''}`.trim());
  }
  reject(status: number): void {
    this.responses.push(String(status));
  }
  answer(text: string, events: DialogEvents, done: (dialog: SipDialog | undefined) => void): void {
    this.events = events;
    this.responses.push(`200 ${text}`);
    if (this.mode === 'fail') done(undefined);
    else if (this.mode === 'at-once') done(this.dialog);
    else this.deliver = () => done(this.dialog);
  }
}

export class FakeSip implements SipPort {
  dialled: { target: DialTarget; events: DialEvents; cancelled: boolean }[] = [];
  dial(target: DialTarget, events: DialEvents): { cancel(): void } {
    const entry = { target, events, cancelled: false };
    this.dialled.push(entry);
    return {
      cancel: () => {
        entry.cancelled = true;
      },
    };
  }
}

/** One call with fakes on every side, and words for what happens on it. */
export class FakeLine {
  readonly clock = new FakeClock();
  readonly media = new FakeMedia();
  readonly sip = new FakeSip();
  readonly target = new FakeDialog();
  readonly told: string[] = [];
  readonly invite: FakeInvite;
  readonly call: Call;
  /** What the switchboard finds for the dialog that a Replaces header names. */
  consulted: Consultation | undefined;

  constructor(originSide: LegSide = 'caller', offer: string | null = sdp()) {
    this.invite = new FakeInvite(offer);
    const sink: CallSink = {
      started: () => void this.told.push('started'),
      answered: () => void this.told.push('answered'),
      ending: (_, ending: Ending) => void this.told.push(`ending by ${ending.by}`),
      ended: (_, ending: Ending) => void this.told.push(`ended by ${ending.by}: ${ending.reason}`),
      transferred: (call, from) => void this.told.push(`transferred from ${from} to ${call.agent}`),
      oddity: (_, what) => void this.told.push(what),
    };
    this.call = new Call(
      { id: newCallId(), agent: '1001', originSide, uri: 'sip:1001@a', srtp: {}, headers: {}, agentHeaders: {} },
      this.invite,
      {
        media: this.media,
        sip: this.sip,
        clock: this.clock,
        sink,
        consultation: () => this.consulted,
        routeToAgent: (user) =>
          user === 'nobody' ? undefined : { uri: `sip:${user}@a`, agent: user, srtp: undefined },
      },
    );
  }

  /** Lets everything run that is on the queue, or that what runs puts there. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 12; turn += 1) {
      await this.call.queue.idle();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  get dialling(): FakeSip['dialled'][number] {
    const last = this.sip.dialled.at(-1);
    if (last === undefined) throw new Error('nothing was dialled');
    return last;
  }

  async ring(): Promise<void> {
    this.call.start();
    await this.settle();
    this.dialling.events.progress(180, null);
    await this.settle();
  }

  async answer(answer: string | null = sdp('192.0.2.9')): Promise<void> {
    this.dialling.events.answered(this.target, answer);
    await this.settle();
  }

  async establish(): Promise<void> {
    await this.ring();
    await this.answer();
  }

  /** What must be true of every call that is over: nothing of it is left. */
  get leftovers(): string[] {
    const left: string[] = [];
    if (this.media.open.size > 0) left.push('media');
    if (this.clock.pending > 0) left.push('timer');
    if (!this.told.some((word) => word.startsWith('ended'))) left.push('not ended');
    if (this.told.filter((word) => word.startsWith('ended')).length > 1) left.push('ended twice');
    if (this.told.includes('fault')) left.push('fault');
    return left;
  }
}
