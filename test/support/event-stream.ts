import { WebSocket } from 'ws';

/** One frame of the gateway's WebSocket (contract of the agent interface). */
export interface Frame {
  readonly seq: number;
  readonly type: string;
  readonly at: string;
  readonly callId?: string;
  readonly sessionId?: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever a frame holds
  readonly [name: string]: any;
}

/** A frame with its time of arrival, milliseconds of `performance.now()`. */
export interface ReceivedFrame {
  readonly frame: Frame;
  readonly at: number;
  readonly raw: string;
}

export type FrameTest = (frame: Frame) => boolean;

/** An agent's desktop as far as events go: keeps every frame, and lets a test wait for those to come. */
export class EventStream {
  readonly received: ReceivedFrame[] = [];
  /** Resolves with the close code. */
  readonly closed: Promise<number>;
  readonly #socket: WebSocket;
  readonly #waiting = new Set<() => void>();

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    this.closed = new Promise((done) => socket.once('close', (code) => done(code)));
    socket.on('error', () => undefined);
    socket.on('message', (data) => {
      const raw = String(data);
      this.received.push({ frame: JSON.parse(raw), raw, at: performance.now() });
      for (const look of [...this.#waiting]) look();
    });
  }

  /** Connects as `token` and waits for the first frame, which is the snapshot. */
  static async open(http: string, token: string, query = ''): Promise<EventStream> {
    const stream = new EventStream(
      new WebSocket(`${http.replace('http', 'ws')}/v1/events${query}`, ['tonelock.v1', `bearer.${token}`]),
    );
    await stream.next('snapshot');
    return stream;
  }

  get frames(): Frame[] {
    return this.received.map(({ frame }) => frame);
  }

  get lastSeq(): number {
    return this.received.at(-1)?.frame.seq ?? 0;
  }

  /** Where a later `next` should begin to look. */
  mark(): number {
    return this.received.length;
  }

  /** The first frame of a type, from `since` on, that fits; already here or still to come. */
  async next(type: string, fits: FrameTest = () => true, { since = 0, withinMs = 10_000 } = {}): Promise<Frame> {
    return (await this.nextReceived(type, fits, { since, withinMs })).frame;
  }

  nextReceived(
    type: string,
    fits: FrameTest = () => true,
    { since = 0, withinMs = 10_000 } = {},
  ): Promise<ReceivedFrame> {
    return new Promise((resolve, reject) => {
      let from = since;
      const look = (): void => {
        for (; from < this.received.length; from += 1) {
          const one = this.received[from];
          if (one === undefined || one.frame.type !== type || !fits(one.frame)) continue;
          clearTimeout(timer);
          this.#waiting.delete(look);
          return resolve(one);
        }
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(look);
        const seen = this.frames.slice(since).map((frame) => frame.type);
        reject(new Error(`no ${type} within ${withinMs} ms; since the mark: ${seen.slice(-20).join(', ')}`));
      }, withinMs);
      this.#waiting.add(look);
      look();
    });
  }

  send(message: unknown): void {
    this.#socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  close(): void {
    this.#socket.terminate();
  }
}
