import { CodedError } from '../../../shared/coded-error.ts';
import { dgramIo } from './dgram-io.ts';
import type { LoopOptions } from './epoll/packet-loop.ts';
import type { IoChoice } from './io-choice.ts';
import type { RtpIo } from './rtp-io.ts';

export type ChooseIo = (wanted: IoChoice) => Promise<RtpIo>;

/**
 * Chooses the way to the network. It is tried before it is chosen: `auto` is epoll with an io_uring; where the kernel has none or
 * a container forbids it, epoll alone; on another system or processor Node's sockets.
 * @throws {CodedError} `media-failed` when `epoll` was demanded and does not work here.
 */
export async function chooseIo(wanted: IoChoice, loop: LoopOptions): Promise<RtpIo> {
  if (wanted === 'dgram') return dgramIo;
  try {
    const { EpollIo } = await import('./epoll/epoll-io.ts');
    if (wanted === 'epoll') return new EpollIo(loop);
    return (await withRing(loop)) ?? new EpollIo(loop);
  } catch {
    if (wanted === 'epoll') throw new CodedError('media-failed', 'media.io: epoll does not work on this machine');
    return dgramIo;
  }
}

/** Epoll, and an io_uring for the sockets that are connected: one system call for many packets. */
async function withRing(loop: LoopOptions): Promise<RtpIo | undefined> {
  try {
    const { EpollIo } = await import('./epoll/epoll-io.ts');
    const { PacketRing } = await import('./ring/packet-ring.ts');
    return new EpollIo({ ...loop, makeRing: (epoll) => new PacketRing(epoll) });
  } catch {
    return undefined;
  }
}
