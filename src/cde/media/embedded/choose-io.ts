import { CodedError } from '../../../shared/coded-error.ts';
import { dgramIo } from './dgram-io.ts';
import type { LoopOptions } from './epoll/packet-loop.ts';
import type { IoChoice } from './io-choice.ts';
import type { RtpIo } from './rtp-io.ts';

export type ChooseIo = (wanted: IoChoice) => Promise<RtpIo>;

/**
 * Chooses the way to the network. It is tried before it is chosen: another system, another processor or a container that
 * forbids it makes `auto` fall back on Node's sockets.
 * @throws {CodedError} `media-failed` when `epoll` was demanded and does not work here.
 */
export async function chooseIo(wanted: IoChoice, loop: LoopOptions): Promise<RtpIo> {
  if (wanted === 'dgram') return dgramIo;
  try {
    const { EpollIo } = await import('./epoll/epoll-io.ts');
    return new EpollIo(loop);
  } catch {
    if (wanted === 'epoll') throw new CodedError('media-failed', 'media.io: epoll does not work on this machine');
    return dgramIo;
  }
}
