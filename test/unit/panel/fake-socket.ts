import type { ConnectionPorts, SocketListener } from '../../../src/panel/connection.ts';
import type { FakeClock } from '../../support/fake-clock.ts';

/** One event stream as a panel opened it. */
export interface OpenedSocket {
  readonly listener: SocketListener;
  readonly sent: unknown[];
  closed: boolean;
}

/** A network whose every turn the test decides. */
export class FakeNetwork {
  readonly sockets: OpenedSocket[] = [];
  probe: 'alive' | 'refused' | 'gone' = 'alive';
  readonly ports: ConnectionPorts;

  constructor(clock: FakeClock) {
    this.ports = {
      openSocket: (listener) => {
        const socket: OpenedSocket = { listener, sent: [], closed: false };
        this.sockets.push(socket);
        const close = (): void => {
          socket.closed = true;
        };
        return { send: (text) => socket.sent.push(JSON.parse(text)), close };
      },
      probe: async () => this.probe,
      after: (ms, fire) => {
        const timer = clock.after(ms, fire);
        return () => timer.cancel();
      },
      random: () => 1,
    };
  }

  get last(): OpenedSocket {
    const socket = this.sockets.at(-1);
    if (socket === undefined) throw new Error('no socket was opened');
    return socket;
  }

  /** Sends a frame on the newest socket. */
  say(seq: number, type: string, fields: object = {}): void {
    this.last.listener.message(JSON.stringify({ seq, type, ...fields }));
  }
}
