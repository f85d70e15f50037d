import type { WebSocket } from 'ws';
import type { Clock, Timer } from '../shared/clock.ts';
import type { ApiObserver } from './api-observer.ts';
import type { Feed, Follower } from './audience.ts';
import { clientMessageSchema } from './frame.ts';
import { TokenBucket } from './token-bucket.ts';

/** Above this many unsent bytes events are no longer queued: the reader gets the state once it has caught up. */
export const gatherAboveBytes = 64 * 1024;
/** With the next frame above this, the reader is lost. */
export const terminateAboveBytes = 256 * 1024;
export const messagesPerSecond = 10;
/** RFC 6455 §7.4.1 */
export const closeCodes = { goingAway: 1001, unsupported: 1003, policy: 1008, internal: 1011 } as const;
/** Longest delay of a timer of the platform. */
const timerLimitMs = 2 ** 31 - 1;

export interface AgentSocketParts {
  readonly socket: WebSocket;
  readonly clock: Clock;
  readonly observer: ApiObserver;
  readonly expiresAt: number | null;
  /** The state up to the log's last number; undefined when it cannot be written. */
  readonly snapshot: (seq: number) => string | undefined;
}

/** One open socket of one agent: what it is sent, how slow it may be, what it may say. */
export class AgentSocket implements Follower {
  readonly #parts: AgentSocketParts;
  readonly #rate: TokenBucket;
  #log: Feed | undefined;
  #expiry: Timer | undefined;
  #gathering = false;
  #missedPongs = 0;

  constructor(parts: AgentSocketParts) {
    this.#parts = parts;
    this.#rate = new TokenBucket(parts.clock, messagesPerSecond);
    const { socket } = parts;
    socket.on('message', (data, isBinary) => this.#said(data, isBinary));
    // Answered by hand, and counted: answers to a flood of pings would pile up behind a reader who does not read.
    socket.on('ping', (data) => this.#allowed() && socket.pong(data));
    socket.on('pong', () => {
      this.#missedPongs = 0;
    });
    socket.on('error', () => socket.terminate());
    socket.on('close', () => this.#expiry?.cancel());
    this.#awaitExpiry();
  }

  /** Sends the first frame and begins to pass on what the log's channel delivers. */
  begin(log: Feed): void {
    this.#log = log;
    this.#sendState();
  }

  deliver(frame: string): void {
    if (this.#gathering || this.#log === undefined) return;
    if (this.#parts.socket.bufferedAmount > gatherAboveBytes) {
      this.#gathering = true;
      this.#parts.observer.framesGathered();
      return;
    }
    this.#send(frame);
  }

  /** A reader who is behind gets the state as soon as all has left. */
  refresh(): void {
    if (this.#gathering) return;
    this.#gathering = this.#parts.socket.bufferedAmount > gatherAboveBytes;
    if (!this.#gathering) this.#sendState();
  }

  /** Called every ping interval. A peer that let `limit` pings in a row go by is not there any more. */
  heartbeat(limit: number): void {
    const { socket } = this.#parts;
    if (this.#missedPongs >= limit) return socket.terminate();
    this.#missedPongs += 1;
    if (socket.readyState === socket.OPEN) socket.ping();
  }

  close(code: number, reason: string): void {
    this.#parts.socket.close(code, reason);
  }

  terminate(): void {
    this.#parts.socket.terminate();
  }

  #send(frame: string): void {
    const { socket } = this.#parts;
    if (socket.readyState !== socket.OPEN) return;
    const waiting = socket.bufferedAmount;
    // One frame alone may be larger (the state of a whole centre); it is one, and nothing is put behind it.
    if (waiting > 0 && waiting + Buffer.byteLength(frame) > terminateAboveBytes) return socket.terminate();
    socket.send(frame, () => this.#flushed());
  }

  /** Bytes have left: once all have, whoever was behind gets the state, which stands for every event in between. */
  #flushed(): void {
    if (!this.#gathering || this.#parts.socket.bufferedAmount > 0) return;
    this.#gathering = false;
    this.#sendState();
  }

  #sendState(): void {
    if (this.#log === undefined) return;
    const frame = this.#parts.snapshot(this.#log.seq);
    if (frame === undefined) return this.close(closeCodes.internal, 'the state cannot be sent');
    this.#send(frame);
  }

  #allowed(): boolean {
    if (this.#rate.take()) return true;
    this.close(closeCodes.policy, 'too many messages');
    return false;
  }

  #said(data: WebSocket.RawData, isBinary: boolean): void {
    if (!this.#allowed()) return;
    if (isBinary) return this.close(closeCodes.unsupported, 'text frames only');
    const message = clientMessageSchema.safeParse(parsed(data));
    if (!message.success) return this.close(closeCodes.policy, 'not a message of this protocol');
    if (message.data.type === 'ping') this.#pong();
    else this.#resume(message.data.after);
  }

  /** Not while the reader is behind: what it has not read yet tells it as much, and the answer would go past it. */
  #pong(): void {
    const { clock } = this.#parts;
    if (this.#gathering || this.#log === undefined) return;
    this.#send(JSON.stringify({ seq: this.#log.seq, type: 'pong', at: new Date(clock.now()).toISOString() }));
  }

  #resume(after: number): void {
    // Whoever is behind gets the state anyway, and later than any replay.
    if (this.#gathering) return;
    const missed = this.#log?.after(after);
    const bytes =
      missed?.reduce((sum, frame) => sum + Buffer.byteLength(frame), this.#parts.socket.bufferedAmount) ?? 0;
    if (missed === undefined || bytes > terminateAboveBytes) return this.#sendState();
    for (const frame of missed) this.#send(frame);
  }

  #awaitExpiry(): void {
    const { expiresAt, clock } = this.#parts;
    if (expiresAt === null) return;
    const left = expiresAt - clock.now();
    if (left <= 0) return this.close(closeCodes.policy, 'token expired');
    this.#expiry = clock.after(Math.min(left, timerLimitMs), () => this.#awaitExpiry());
  }
}

/** @returns undefined for what is no JSON: the schema refuses it like any other stranger. */
function parsed(data: WebSocket.RawData): unknown {
  try {
    return JSON.parse(data.toString());
  } catch {
    return undefined;
  }
}
