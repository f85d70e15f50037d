import { wipeEvent } from '../../src/cde/dtmf/telephone-event.ts';
import type { Flow } from '../../src/cde/media/embedded/flow.ts';
import type { Alarm, Receiver, RtpIo, RtpSocket } from '../../src/cde/media/embedded/rtp-io.ts';
import type { Remote } from '../../src/cde/media/embedded/source-guard.ts';
import { TimerAlarm } from '../../src/cde/media/embedded/timer-alarm.ts';
import { type CapturedPacket, parseRtp } from './rtp-capture.ts';

export interface FakeSocket {
  readonly port: number;
  readonly sent: Buffer[];
  readonly receiver: Receiver;
  remote: Remote | undefined;
  filtered: boolean;
  closed: boolean;
  dropped: number;
  flow: Flow | undefined;
  out: FakeSocket | undefined;
}

/** A network on paper: what was sent from each port is kept with its time, and the test hands in what arrives. */
export class FakeRtpIo implements RtpIo {
  readonly sockets = new Map<number, FakeSocket>();
  readonly rtp = new Map<number, CapturedPacket[]>();
  /** Ports that somebody else has bound. */
  readonly taken = new Set<number>();
  /** Whether plain audio takes the short way, and how many packets did. */
  short = true;
  shortened = 0;
  readonly #fakes = new Map<RtpSocket, FakeSocket>();

  async open(_address: string, port: number, receiver: Receiver): Promise<RtpSocket> {
    if (this.taken.has(port)) throw new Error('taken');
    const state = { remote: undefined, filtered: false, closed: false, dropped: 0, flow: undefined, out: undefined };
    const socket: FakeSocket = { port, sent: [], receiver, ...state };
    this.sockets.set(port, socket);
    this.rtp.set(port, []);
    const own: RtpSocket = {
      aim: (remote, filter) => {
        socket.remote = remote;
        socket.filtered = filter;
      },
      send: (packet, start, end, wipeAt) => {
        const copy = Buffer.from(packet.subarray(start, end));
        if (wipeAt >= 0) wipeEvent(packet, wipeAt);
        this.#keep(socket, copy);
      },
      shorten: (flow, out) => {
        socket.flow = flow;
        socket.out = this.#fakes.get(out);
      },
      droppedByFilter: () => socket.dropped,
      close: () => {
        socket.closed = true;
      },
    };
    this.#fakes.set(own, socket);
    return own;
  }

  alarm(ring: () => void): Alarm {
    return new TimerAlarm(ring);
  }

  yield(): void {}

  deliver(port: number, packet: Buffer, from: Remote): void {
    const socket = this.sockets.get(port);
    if (socket === undefined) return;
    const now = performance.now();
    const { flow, out, remote, filtered } = socket;
    const known = filtered && remote?.port === from.port && remote.address === from.address;
    if (this.short && known && out?.filtered === true && flow?.armed === true) {
      if (flow.pass(packet, packet.length, now)) {
        this.shortened += 1;
        this.#keep(out, Buffer.from(packet));
        return;
      }
    }
    socket.receiver.arrived(packet, packet.length, now, from.address, from.port);
  }

  #keep(socket: FakeSocket, copy: Buffer): void {
    socket.sent.push(copy);
    const parsed = parseRtp(copy, '', performance.now());
    if (parsed !== undefined) this.rtp.get(socket.port)?.push(parsed);
  }
}
