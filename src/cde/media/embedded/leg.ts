import { randomBytes } from 'node:crypto';
import type { LegSide } from '../../../shared/leg-side.ts';
import type { LegReport } from '../media-engine.ts';
import type { LegSettings } from '../offer-answer/leg-settings.ts';
import { isRtcp, rtpHeaderBytes } from '../rtp-packet.ts';
import type { ComfortFill } from './comfort-fill.ts';
import type { Flow, FlowTap } from './flow.ts';
import { IncomingStream } from './incoming-stream.ts';
import { OutgoingStream } from './outgoing-stream.ts';
import type { PayloadRoutes } from './payload-routes.ts';
import type { RelayedPacket } from './relayed-packet.ts';
import { noSenderReport, readReport, writeReport } from './rtcp.ts';
import type { Receiver, RtpIo, RtpSocket } from './rtp-io.ts';
import { sendingCodecs } from './sending-codecs.ts';
import { SourceGuard, type SourcePolicy } from './source-guard.ts';
import { SealedLeg } from './srtp/sealed-leg.ts';

/** RFC 3550 §6.2: the least time between two reports, here with the random factor of §6.3.1. */
const reportEveryMs = 5000;

export interface LossLimits {
  readonly first: number;
  readonly running: number;
  readonly held: number;
}

export interface LegOptions {
  readonly side: LegSide;
  readonly address: string;
  readonly policy: SourcePolicy;
  readonly loss: LossLimits;
  /** The direction that begins with this leg's packets, and the one that ends with ours to it. */
  readonly from: Flow;
  readonly to: Flow;
  readonly fill: ComfortFill;
}

/** Takes an RTP packet that came from the right place. */
export interface RtpTaker {
  take(leg: Leg, packet: Buffer, length: number, now: number): void;
}

/** One leg of a call: its pair of sockets, the stream that it sends and the one that it gets. */
export class Leg implements Receiver {
  readonly side: LegSide;
  /** The direction that begins with this leg's packets. */
  readonly flow: Flow;
  readonly incoming: IncomingStream;
  readonly outgoing: OutgoingStream;
  settings: LegSettings | undefined;
  routes: PayloadRoutes | undefined;
  refused = 0;
  readonly #guard: SourceGuard;
  readonly #loss: LossLimits;
  /** Of RTCP (RFC 3550 §6.5.1), one for each leg (RFC 7022): drawn with the first report. */
  #name = '';
  readonly #lastReport = noSenderReport();
  readonly #taker: RtpTaker;
  /** The only source from which packets come, once it cannot change any more. */
  #sureAddress = '';
  #surePort = 0;
  #mux = false;
  #sealed: SealedLeg | undefined;
  #rtp: RtpSocket | undefined;
  #rtcp: RtpSocket | undefined;
  #nextReportAt = 0;
  #expectedSince = Number.POSITIVE_INFINITY;
  #lastRtcpAt = Number.NEGATIVE_INFINITY;
  #lossTold = false;

  private constructor(options: LegOptions, taker: RtpTaker) {
    this.side = options.side;
    this.#guard = new SourceGuard(options.policy);
    this.#loss = options.loss;
    this.#taker = taker;
    this.flow = options.from;
    this.incoming = new IncomingStream(options.from);
    this.outgoing = new OutgoingStream(options.to, options.fill);
  }

  /** Binds `port` for RTP and the next one for RTCP. @throws {CodedError} `media-failed` when either is taken. */
  static async open(io: RtpIo, port: number, options: LegOptions, taker: RtpTaker): Promise<Leg> {
    const leg = new Leg(options, taker);
    const { address } = options;
    leg.#rtp = await io.open(address, port, leg);
    leg.outgoing.connect(leg.#rtp);
    try {
      leg.#rtcp = await io.open(address, port + 1, { arrived: leg.#rtcpArrived });
    } catch (error) {
      leg.#rtp.close();
      throw error;
    }
    return leg;
  }

  /** The leg runs by these settings from here on. */
  configure(settings: LegSettings, now: number): void {
    const rtcpMoved = settings.remote?.rtcpPort !== this.settings?.remote?.rtcpPort;
    this.settings = settings;
    this.#agreeOn(settings.srtp);
    this.#mux = settings.mux;
    const { remote, codecs, listens } = settings;
    const moved = this.#guard.describe(remote ?? undefined, now);
    if (moved) this.incoming.unlock();
    if (moved || rtcpMoved) this.#aim();
    // What was expected under the old description is no measure for the new one: a call may have rung, or been on hold.
    if (this.#expectedSince !== Number.POSITIVE_INFINITY) this.#expectedSince = now;
    this.#lossTold = false;
    this.outgoing.configure(sendingCodecs(codecs), settings.ptimeMs, listens && remote !== null);
  }

  /** Packets are expected from `now` on; the time limits run. */
  expect(now: number): void {
    if (this.#expectedSince === Number.POSITIVE_INFINITY) this.#expectedSince = now;
  }

  /** @returns true, once for each loss, when nothing has come for the time that the leg's state allows. */
  lossFound(now: number): boolean {
    if (this.settings === undefined || now < this.#expectedSince) return false;
    const { lastAt, received } = this.incoming;
    const limit = !this.settings.talks ? this.#loss.held : received === 0 ? this.#loss.first : this.#loss.running;
    const heard = this.settings.talks ? lastAt : Math.max(lastAt, this.#lastRtcpAt);
    const lost = now - Math.max(heard, this.#expectedSince) > limit;
    const found = lost && !this.#lossTold;
    this.#lossTold = lost;
    return found;
  }

  /** Sends the RTCP report when it is due; with `last` at once and with a goodbye. */
  report(now: number, wallMs: number, last = false): void {
    if (this.settings === undefined || this.settings.remote === null) return;
    if (!last && now < this.#nextReportAt) return;
    const first = this.#nextReportAt === 0;
    this.#nextReportAt = now + reportEveryMs * (0.5 + Math.random());
    if (first && !last) return;
    // RFC 3550 §6.3.7: who never sent anything does not say goodbye.
    if (this.#name === '' && last && this.outgoing.packets === 0) return;
    if (this.#name === '') this.#name = randomBytes(8).toString('hex');
    const report = writeReport(this.outgoing, this.incoming, this.#lastReport, this.#name, now, wallMs, last);
    const socket = this.settings.mux ? this.#rtp : this.#rtcp;
    const bytes = this.#sealed?.sealControl(report) ?? report;
    socket?.send(bytes, 0, bytes.length, -1);
  }

  counts(): LegReport {
    const { received, lost } = this.incoming;
    // Tenths are all that anybody reads, and a longer fraction looks like a number of some card in a log.
    const jitterMs = Math.round(this.incoming.jitterMs * 10) / 10;
    const refused = this.refused + (this.#rtp?.droppedByFilter() ?? 0);
    return { received, sent: this.outgoing.packets, lost, jitterMs, refused };
  }

  /** Further audio like the packet that just passed to `to` may take the short way, where neither leg is encrypted; `tap` hears it. */
  arm(to: Leg, typeIn: number, { start, payloadType }: RelayedPacket, tap: FlowTap | undefined): void {
    const open = this.#sealed === undefined && to.#sealed === undefined;
    // What was wrapped (RFC 2198) has to be unwrapped each time.
    const plain = start === rtpHeaderBytes && payloadType >= 0;
    if (open && plain && to.outgoing.relaying) this.flow.arm(typeIn, payloadType, tap);
  }

  /** Lets plain audio go straight to the other leg while the flow is armed. */
  shorten(other: Leg): void {
    if (other.#rtp !== undefined) this.#rtp?.shorten(this.flow, other.#rtp);
  }

  close(): void {
    this.#rtp?.close();
    this.#rtcp?.close();
  }

  #agreeOn(srtp: LegSettings['srtp']): void {
    if (this.#rtp === undefined || (srtp === null && this.#sealed === undefined)) return;
    // Another key of the peer is another peer, who counts from the beginning (RFC 3711 §3.2.3: a stream, named by its SSRC).
    const another = this.#sealed !== undefined && srtp !== null && this.#sealed.settings.receive !== srtp.receive;
    if (another) this.outgoing.renew();
    this.#sealed = srtp === null ? undefined : new SealedLeg(srtp, this.#rtp, this.#sealed);
    this.outgoing.connect(this.#sealed ?? this.#rtp);
  }

  /** Proves and decrypts in place where the leg is encrypted. @returns the length that is left, −1 for a forgery. */
  #open(packet: Buffer, length: number, control: boolean): number {
    const incoming = this.#sealed?.incoming;
    if (incoming === undefined) return length;
    return control ? incoming.unprotectControl(packet, length) : incoming.unprotect(packet, length);
  }

  #aim(): void {
    const remote = this.#guard.remote;
    const fixed = this.#guard.fixed;
    this.#sureAddress = fixed ? (remote?.address ?? '') : '';
    this.#surePort = remote?.port ?? 0;
    if (remote === undefined) return;
    this.#rtp?.aim(remote, fixed);
    const described = this.settings?.remote;
    // RTCP of a peer whose RTP address was learned is next to it (RFC 3550 §11); else it is where it was described.
    const learned = remote.port !== described?.port || remote.address !== described.address;
    const port = learned ? remote.port + 1 : described.rtcpPort;
    if (port <= 65_535) this.#rtcp?.aim({ address: remote.address, port }, false);
  }

  /** An RTP datagram, or RTCP where both share the port. */
  arrived(packet: Buffer, received: number, now: number, address: string, port: number): void {
    const sure = address === this.#sureAddress && port === this.#surePort;
    if (!sure && !this.#guard.admits(address, port, now)) {
      this.refused += 1;
      return;
    }
    const control = this.#mux && isRtcp(packet, received);
    // Nothing of a packet is believed, and no address learned from it, before it is proven.
    const length = this.#open(packet, received, control);
    if (length < 0) {
      this.refused += 1;
      return;
    }
    if (control) {
      this.#readRtcp(packet, length, now);
      return;
    }
    const before = this.incoming.received;
    this.#taker.take(this, packet, length, now);
    if (sure) return;
    const valid = this.incoming.received !== before;
    if (valid && this.#guard.settle(address, port)) this.#aim();
  }

  readonly #rtcpArrived = (packet: Buffer, length: number, now: number, address: string): void => {
    const mayBe = isRtcp(packet, length) && this.#guard.admitsHost(address);
    const opened = mayBe ? this.#open(packet, length, true) : -1;
    if (opened < 0) this.refused += 1;
    else this.#readRtcp(packet, opened, now);
  };

  #readRtcp(packet: Buffer, length: number, now: number): void {
    this.#lastRtcpAt = now;
    readReport(packet, length, this.#lastReport, now);
  }
}
