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
  readonly #out: Buffer;

  /**
   * `before` is what the leg had until now: a direction whose key stays goes on as it was, since its counters count. No
   * sequence number is ever sealed twice by one key.
   */
  constructor(settings: SrtpSettings, socket: PacketSink, before?: SealedLeg) {
    const { suite, send, sendMki, receive, receiveMki } = settings;
    const old = before?.settings;
    const keeps = suite === old?.suite;
    this.settings = settings;
    this.incoming =
      before !== undefined && keeps && receive === old?.receive && receiveMki === old.receiveMki
        ? before.incoming
        : new SrtpContext(suite, Buffer.from(receive, 'base64'), Buffer.from(receiveMki, 'hex'));
    this.#outgoing =
      before !== undefined && keeps && send === old?.send && sendMki === old.sendMki
        ? before.#outgoing
        : new SrtpContext(suite, Buffer.from(send, 'base64'), Buffer.from(sendMki, 'hex'));
    this.#socket = socket;
    this.#out = Buffer.alloc(packetBytesMax + tagBytesMax + sendMki.length / 2);
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
