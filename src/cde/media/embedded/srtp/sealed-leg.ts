import { wipeEvent } from '../../../dtmf/telephone-event.ts';
import type { SrtpSettings } from '../../offer-answer/key-exchange.ts';
import { packetBytesMax } from '../../rtp-packet.ts';
import type { PacketSink } from '../outgoing-stream.ts';
import { SrtpContext } from './srtp-context.ts';

const tagBytesMax = 16;

/** SRTP of one leg: stands between its stream and its socket. */
export class SealedLeg implements PacketSink {
  readonly settings: SrtpSettings;
  readonly incoming: SrtpContext;
  readonly #outgoing: SrtpContext;
  readonly #socket: PacketSink;
  readonly #out = Buffer.alloc(packetBytesMax + tagBytesMax);

  constructor(settings: SrtpSettings, socket: PacketSink) {
    this.settings = settings;
    this.incoming = new SrtpContext(settings.suite, Buffer.from(settings.receive, 'base64'));
    this.#outgoing = new SrtpContext(settings.suite, Buffer.from(settings.send, 'base64'));
    this.#socket = socket;
  }

  send(packet: Buffer, start: number, end: number, wipeAt: number): void {
    const length = this.#outgoing.protect(packet, start, end, this.#out);
    if (wipeAt >= 0) wipeEvent(packet, wipeAt);
    if (length > 0) this.#socket.send(Buffer.from(this.#out.subarray(0, length)), 0, length, -1);
  }

  sealControl(packet: Buffer): Buffer {
    return this.#outgoing.protectControl(packet);
  }
}
