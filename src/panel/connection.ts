import { type Frame, parseFrame } from './frame.ts';
import type { Link } from './panel-state.ts';

/** An event stream that is opening or open. */
export interface Socket {
  send(text: string): void;
  /** Ends it; its listener may still be called. */
  close(): void;
}

export interface SocketListener {
  message(data: unknown): void;
  closed(): void;
}

export interface ConnectionPorts {
  readonly openSocket: (listener: SocketListener) => Socket;
  /** Asks the server over HTTP: `refused` when it does not know the token, `gone` when it does not answer. */
  readonly probe: () => Promise<'alive' | 'refused' | 'gone'>;
  /** @returns how to cancel. */
  readonly after: (ms: number, fire: () => void) => () => void;
  readonly random: () => number;
}

export interface ConnectionListener {
  link(link: Link): void;
  frame(frame: Frame): void;
}

const firstPauseMs = 250;
/** A panel is back within a second of the server: the pause never grows beyond what that allows. */
const longestPauseMs = 900;
const refusedPauseMs = 15_000;
/** A cut network may leave a socket that looks open for minutes, so the server is pinged when it has been silent. */
const pingEveryMs = 4_000;
const pongWithinMs = 3_000;
/** Frames that must have been lost on the way are asked for; when they do not come, a new connection brings a snapshot. */
const gapMs = 1_000;

/** Keeps one event stream open, in order and without gaps, and says honestly when it is not. */
export class Connection {
  readonly #ports: ConnectionPorts;
  readonly #listener: ConnectionListener;
  #socket: Socket | undefined;
  #timers = new Set<() => void>();
  #lastSeq = -1;
  #failures = 0;
  #synced = false;
  /** Counted, not flagged: a beat and a ping may wait at one time, and each asks what came since it began. */
  #heard = 0;
  #recovering = false;
  #stopped = false;

  constructor(ports: ConnectionPorts, listener: ConnectionListener) {
    this.#ports = ports;
    this.#listener = listener;
    this.#open();
  }

  /** Ends the connection for good. Twice is once. */
  stop(): void {
    this.#stopped = true;
    this.#drop();
  }

  /** The network has come or gone, or the page has woken up: look at once, not at the next beat. */
  recheck(): void {
    if (this.#stopped) return;
    if (this.#socket === undefined) this.#open();
    else if (this.#synced) this.#ping(this.#socket);
    else void this.#check(this.#socket);
  }

  #open(): void {
    this.#drop();
    this.#listener.link('connecting');
    const socket = this.#ports.openSocket({
      message: (data) => this.#receive(socket, data),
      closed: () => this.#lost(socket),
    });
    this.#socket = socket;
    this.#beat(socket);
  }

  #receive(socket: Socket, data: unknown): void {
    const frame = parseFrame(data);
    if (frame === undefined || socket !== this.#socket) return;
    this.#heard += 1;
    if (frame.type === 'pong') {
      if (this.#synced && frame.seq > this.#lastSeq) this.#askForMissing(socket);
    } else if (frame.type === 'snapshot') {
      this.#synced = true;
      this.#failures = 0;
      this.#deliver(frame);
    } else if (this.#synced && frame.seq === this.#lastSeq + 1) this.#deliver(frame);
    else if (this.#synced && frame.seq > this.#lastSeq + 1) this.#askForMissing(socket);
  }

  #deliver(frame: Frame): void {
    this.#lastSeq = frame.seq;
    this.#recovering = false;
    this.#listener.frame(frame);
  }

  #askForMissing(socket: Socket): void {
    if (this.#recovering) return;
    this.#recovering = true;
    socket.send(JSON.stringify({ type: 'resume', after: this.#lastSeq }));
    this.#later(gapMs, () => {
      if (this.#recovering && socket === this.#socket) this.#lost(socket);
    });
  }

  #beat(socket: Socket): void {
    const before = this.#heard;
    this.#later(pingEveryMs, () => {
      if (socket !== this.#socket) return;
      if (!this.#synced) void this.#check(socket).then(() => socket === this.#socket && this.#beat(socket));
      else if (this.#heard > before) this.#beat(socket);
      else this.#ping(socket, () => this.#beat(socket));
    });
  }

  /** What is not answered in time is lost: a page learns of a dead network in no other way for minutes. */
  #ping(socket: Socket, answered: () => void = () => undefined): void {
    const before = this.#heard;
    socket.send('{"type":"ping"}');
    this.#later(pongWithinMs, () => {
      if (socket !== this.#socket) return;
      if (this.#heard > before) answered();
      else this.#lost(socket);
    });
  }

  /** A socket that has not opened in all this time is given up, but first HTTP is asked whether the server is there at all. */
  async #check(socket: Socket): Promise<void> {
    await this.#ports.probe();
    if (socket === this.#socket && !this.#synced) this.#lost(socket);
  }

  #lost(socket: Socket): void {
    if (socket !== this.#socket || this.#stopped) return;
    const wasIn = this.#synced;
    this.#drop();
    this.#listener.link('connecting');
    const pause = Math.min(longestPauseMs, firstPauseMs * 2 ** this.#failures);
    this.#failures += 1;
    this.#later(pause * (0.75 + this.#ports.random() / 4), () => void this.#retry(wasIn));
  }

  /** A refused WebSocket looks like a dead one to a page, so HTTP is asked which it is (RFC 6455 §4.1 tells us no more). */
  async #retry(wasIn: boolean): Promise<void> {
    const answer = wasIn ? 'alive' : await this.#ports.probe();
    if (this.#stopped || this.#socket !== undefined) return;
    if (answer !== 'refused') return this.#open();
    this.#listener.link('refused');
    this.#later(refusedPauseMs, () => this.#open());
  }

  #drop(): void {
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    const socket = this.#socket;
    this.#socket = undefined;
    this.#synced = false;
    this.#recovering = false;
    socket?.close();
  }

  #later(ms: number, fire: () => void): void {
    const cancel = this.#ports.after(ms, () => {
      this.#timers.delete(cancel);
      fire();
    });
    this.#timers.add(cancel);
  }
}
