import type { Clock } from '../../../shared/clock.ts';
import type { Description } from '../offer-answer/session-description.ts';
import type { CopySocket } from './copy-socket.ts';
import type { DaemonCall } from './daemon-call.ts';
import { type CopiedFormats, type HeardKey, KeyListener } from './key-listener.ts';

/** The copy of the customer's stream that the room hears as long as the call is secured. */
export class CustomerCopy {
  readonly listener: KeyListener;
  /** By which rtpengine knows it. */
  readonly tag: string;
  readonly #socket: CopySocket;
  readonly #from: { readonly address: string; readonly port: number };

  private constructor(tag: string, description: Description, socket: CopySocket, listener: KeyListener, clock: Clock) {
    this.tag = tag;
    this.listener = listener;
    this.#socket = socket;
    this.#from = { address: description.address, port: description.port };
    socket.take(description.address, description.port, (packet) => listener.receive(packet, clock.monotonic()));
  }

  /** Has the copy sent, and closes the one before. Presses that began before now are not heard. */
  static async open(
    steps: DaemonCall,
    socket: CopySocket,
    clock: Clock,
    heard: (key: HeardKey) => void,
    before?: CustomerCopy,
  ): Promise<CustomerCopy> {
    const { tag, description } = await steps.askForCopy('caller');
    before?.close();
    const listener = new KeyListener(formatsOf(description), clock.monotonic(), heard);
    const copy = new CustomerCopy(tag, description, socket, listener, clock);
    try {
      await steps.takeCopy(tag, description, socket.address);
    } catch (error) {
      copy.close();
      throw error;
    }
    return copy;
  }

  close(): void {
    this.#socket.leave(this.#from.address, this.#from.port);
    this.listener.wipe();
  }
}

function formatsOf({ formats, events }: Description): CopiedFormats {
  const typeOf = (silence: string): number | undefined =>
    formats.find(({ codec }) => codec.silence === silence)?.payloadType;
  return { ulaw: typeOf('PCMU'), alaw: typeOf('PCMA'), events };
}
