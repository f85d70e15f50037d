import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Clock, Timer } from '../../../shared/clock.ts';
import { CodedError } from '../../../shared/coded-error.ts';
import { type Dictionary, decodeDictionary, encode } from './bencode.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Pauses between the copies of a request; rtpengine answers a copy by its cookie and does nothing twice. */
const copiesAfterMs = [150, 300, 600, 1000] as const;
/** Requests that may be under way to one daemon; more than that is a daemon that has stopped. */
const underWayMax = 4_096;
const space = 0x20;

interface Pending {
  readonly packet: Buffer;
  readonly settle: (answer: Dictionary | undefined) => void;
  copies: number;
  timer: Timer;
}

/** The ng protocol of rtpengine over UDP: a cookie, a blank, a bencoded dictionary; the same back. */
export class NgClient {
  readonly #address: Address;
  readonly #clock: Clock;
  readonly #socket: Socket;
  readonly #prefix = randomBytes(6).toString('hex');
  readonly #pending = new Map<string, Pending>();
  #count = 0;
  #connected = false;
  #closed = false;

  constructor(address: Address, clock: Clock) {
    this.#address = address;
    this.#clock = clock;
    this.#socket = createSocket(isIPv6(address.host) ? 'udp6' : 'udp4');
    // A daemon that is gone answers by ICMP: the copies of the request go on, since it may be starting again.
    this.#socket.on('error', () => undefined);
    this.#socket.on('message', (bytes) => this.#received(bytes));
    this.#socket.on('connect', () => this.#ready());
    this.#socket.connect(address.port, address.host);
  }

  get name(): string {
    return `${this.#address.host}:${this.#address.port}`;
  }

  /**
   * @throws {CodedError} `media-failed` when no copy was answered, or the answer is an error; `call-not-found` where the
   * daemon does not know the call.
   */
  async ask(command: string, more: Dictionary = {}): Promise<Dictionary> {
    const answer = await this.#exchange({ command, ...more });
    if (answer === undefined) throw new CodedError('media-failed', 'rtpengine does not answer');
    if (answer['result'] === 'ok' || answer['result'] === 'pong') return answer;
    const reason = String(answer['error-reason'] ?? '');
    throw new CodedError(/unknown call/i.test(reason) ? 'call-not-found' : 'media-failed', 'rtpengine refused');
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const cookie of [...this.#pending.keys()]) this.#settle(cookie, undefined);
    this.#socket.close();
  }

  #exchange(question: Dictionary): Promise<Dictionary | undefined> {
    if (this.#closed || this.#pending.size >= underWayMax) return Promise.resolve(undefined);
    this.#count += 1;
    const cookie = `${this.#prefix}_${this.#count}`;
    return new Promise((settle) => {
      const packet = Buffer.concat([Buffer.from(`${cookie} `), encode(question)]);
      this.#pending.set(cookie, { packet, settle, copies: 0, timer: this.#later(cookie, copiesAfterMs[0]) });
      this.#send(packet);
    });
  }

  #later(cookie: string, ms: number): Timer {
    return this.#clock.after(ms, () => {
      const pending = this.#pending.get(cookie);
      if (pending === undefined) return;
      pending.copies += 1;
      const next = copiesAfterMs[pending.copies];
      if (next === undefined) return this.#settle(cookie, undefined);
      this.#send(pending.packet);
      pending.timer = this.#later(cookie, next);
    });
  }

  #settle(cookie: string, answer: Dictionary | undefined): void {
    const pending = this.#pending.get(cookie);
    if (pending === undefined) return;
    this.#pending.delete(cookie);
    pending.timer.cancel();
    pending.settle(answer);
  }

  #ready(): void {
    this.#connected = true;
    for (const { packet } of this.#pending.values()) this.#send(packet);
  }

  #send(packet: Buffer): void {
    if (this.#connected) this.#socket.send(packet, () => undefined);
  }

  #received(bytes: Buffer): void {
    const at = bytes.indexOf(space);
    if (at < 0) return;
    const cookie = bytes.toString('latin1', 0, at);
    if (!this.#pending.has(cookie)) return;
    const answer = decodeDictionary(bytes.subarray(at + 1));
    if (answer !== undefined) this.#settle(cookie, answer);
  }
}
