import type { ClientRequestArgs } from 'node:http';
import { WebSocket } from 'ws';
import { frameSchemas } from '../../../src/agent/frame.ts';
import type { House } from './fake-house.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests look into frames of any type
type Frame = any;

/** A panel as the server sees it: it checks every frame against its schema and lets a test wait for frames. */
export class SocketClient implements Disposable {
  readonly socket: WebSocket;
  readonly frames: Frame[] = [];
  readonly closed: Promise<number>;
  readonly #waiting = new Set<() => void>();

  private constructor(socket: WebSocket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => socket.on('close', resolve));
    socket.on('message', (data) => {
      const frame: Frame = JSON.parse(data.toString());
      frameSchemas[frame.type]?.strict().parse(frame);
      this.frames.push(frame);
      for (const look of [...this.#waiting]) look();
    });
  }

  /** Resolves when the first frame is there; rejects with the status where the upgrade is refused. */
  static async open(house: Pick<House, 'api'>, options: OpenOptions = {}): Promise<SocketClient> {
    const client = new SocketClient(newSocket(house, options));
    await new Promise<void>((resolve, reject) => {
      client.socket.on('error', reject);
      client.socket.on('unexpected-response', (_request, response) => {
        response.resume();
        reject(new RefusedUpgrade(response.statusCode ?? 0));
      });
      client.seen((frames) => frames.length > 0).then(() => resolve(), reject);
    });
    return client;
  }

  async seen(condition: (frames: Frame[]) => boolean): Promise<Frame[]> {
    while (!condition(this.frames)) {
      await new Promise<void>((resolve) => {
        const look = (): void => {
          this.#waiting.delete(look);
          resolve();
        };
        this.#waiting.add(look);
      });
    }
    return this.frames;
  }

  say(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  [Symbol.dispose](): void {
    this.socket.terminate();
  }
}

export class RefusedUpgrade extends Error {
  readonly status: number;
  constructor(status: number) {
    super(`refused with ${status}`);
    this.status = status;
  }
}

export interface OpenOptions extends ClientRequestArgs {
  readonly token?: string;
  readonly query?: string;
  readonly origin?: string;
  readonly protocols?: string[];
}

export function newSocket({ api }: Pick<House, 'api'>, options: OpenOptions = {}): WebSocket {
  const { token = 'agent-1001', query = '', protocols = ['tonelock.v1', `bearer.${token}`], ...rest } = options;
  const url = `ws://127.0.0.1:${api.address.port}/v1/events${query}`;
  return new WebSocket(url, protocols, { perMessageDeflate: true, ...rest });
}

/** @returns the status with which an upgrade is refused, or 101. */
export async function upgradeStatus(house: Pick<House, 'api'>, options: OpenOptions = {}): Promise<number> {
  try {
    using _client = await SocketClient.open(house, options);
    return 101;
  } catch (error) {
    if (error instanceof RefusedUpgrade) return error.status;
    throw error;
  }
}
