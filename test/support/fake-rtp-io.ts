import { wipeEvent } from '../../src/cde/dtmf/telephone-event.ts';
import type { Alarm, Receiver, RtpIo, RtpSocket } from '../../src/cde/media/embedded/rtp-io.ts';
import type { Remote } from '../../src/cde/media/embedded/source-guard.ts';
import { TimerAlarm } from '../../src/cde/media/embedded/timer-alarm.ts';
import { type CapturedPacket, parseRtp } from './rtp-capture.ts';

export interface FakeSocket {
  readonly sent: Buffer[];
  readonly receiver: Receiver;
  remote: Remote | undefined;
  filtered: boolean;
  closed: boolean;
  dropped: number;
}

/** A network on paper: what was sent from each port is kept with its time, and the test hands in what arrives. */
export class FakeRtpIo implements RtpIo {
  readonly sockets = new Map<number, FakeSocket>();
  readonly rtp = new Map<number, CapturedPacket[]>();
  /** Ports that somebody else has bound. */
  readonly taken = new Set<number>();

  async open(_address: string, port: number, receiver: Receiver): Promise<RtpSocket> {
    if (this.taken.has(port)) throw new Error('taken');
    const socket: FakeSocket = { sent: [], receiver, remote: undefined, filtered: false, closed: false, dropped: 0 };
    this.sockets.set(port, socket);
    this.rtp.set(port, []);
    return {
      aim: (remote, filter) => {
        socket.remote = remote;
        socket.filtered = filter;
      },
      send: (packet, start, end, wipeAt) => {
        const copy = Buffer.from(packet.subarray(start, end));
        if (wipeAt >= 0) wipeEvent(packet, wipeAt);
        socket.sent.push(copy);
        const parsed = parseRtp(copy, '', performance.now());
        if (parsed !== undefined) this.rtp.get(port)?.push(parsed);
      },
      droppedByFilter: () => socket.dropped,
      close: () => {
        socket.closed = true;
      },
    };
  }

  alarm(ring: () => void): Alarm {
    return new TimerAlarm(ring);
  }

  deliver(port: number, packet: Buffer, from: Remote): void {
    this.sockets.get(port)?.receiver.arrived(packet, packet.length, performance.now(), from.address, from.port);
  }
}
