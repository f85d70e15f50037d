import { createHash, timingSafeEqual } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Clock, Timer } from '../../shared/clock.ts';
import { printMessage } from '../message/message-printer.ts';
import type { SipMessage, SipResponse } from '../message/sip-message.ts';
import type { SipServerLimits } from '../sip-server-limits.ts';
import type { SipServerEvent, SipServerObserver } from '../sip-server-observer.ts';
import type { Flow } from '../transport/flow.ts';
import type { Client, Reply } from './client.ts';
import { ClientFramer } from './client-framer.ts';
import {
  answerLine,
  type CallRecord,
  type Passage,
  passageLine,
  proxiedLine,
  recordLine,
  sentLine,
} from './client-line.ts';
import { type ClientMessage, parseClientMessage, type SipWish } from './client-message.ts';

export interface ClientConnectionContext {
  readonly secret: string;
  readonly limits: SipServerLimits;
  readonly observer: SipServerObserver;
  readonly clock: Clock;
  /** What a good `authenticate` is answered with: contacts, version, local contacts. */
  welcome(): readonly string[];
  authenticated(client: ClientConnection): void;
  lost(client: ClientConnection): void;
  onSip(client: ClientConnection, message: SipWish): void;
}

/**
 * One socket of an application. Nothing is done for it before it has said the secret; a message that breaks the protocol,
 * a slow reader and silence before authentication close it.
 */
export class ClientConnection implements Client {
  readonly routes = new Set<string>();
  /** What the application said of itself when it authenticated. */
  tags: ReadonlySet<string> = new Set();
  readonly #socket: Socket;
  readonly #context: ClientConnectionContext;
  readonly #framer: ClientFramer;
  readonly #deadline: Timer;
  #authenticated = false;
  /** What goes out at the end of this turn of the event loop: one write for all of it, and one read at the other end. */
  readonly #waiting: Buffer[] = [];
  #waitingBytes = 0;

  constructor(socket: Socket, context: ClientConnectionContext) {
    this.#socket = socket;
    this.#context = context;
    this.#framer = new ClientFramer(context.limits.clientMessageBytes);
    this.#deadline = context.clock.after(context.limits.authenticationMs, () => this.#refuse('not-authenticated'));
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 30_000);
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => this.#end());
  }

  get connected(): boolean {
    return this.#authenticated && !this.#socket.destroyed;
  }

  pass(message: SipMessage, passage: Passage): void {
    const bytes = printMessage(message);
    this.#send(passageLine(passage, bytes.length, this.#context.clock.now()), bytes);
  }

  reply(messageId: string, reply: Reply): void {
    if (!reply.ok) {
      this.#send(answerLine(messageId, ['NOK', reply.reason]));
      return;
    }
    const bytes = printMessage(reply.message);
    const { flow, transactionId, dialogId } = reply;
    const sent = { kind: reply.message.kind, flow, transactionId, dialogId };
    this.#send(sentLine(messageId, sent, bytes.length, this.#context.clock.now()), bytes);
  }

  record(record: CallRecord, message: SipMessage): void {
    this.#send(recordLine(record, this.#context.clock.now()), printMessage(message));
  }

  proxied(messageId: string, response?: SipResponse, flow?: Flow): void {
    if (response === undefined) {
      this.#send(answerLine(messageId, ['OK', 'done']));
      return;
    }
    const bytes = printMessage(response);
    this.#send(proxiedLine(messageId, flow, bytes.length, this.#context.clock.now()), bytes);
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    const payloads = this.#framer.push(chunk);
    for (const payload of payloads ?? []) {
      if (this.#socket.destroyed || this.#socket.writableEnded) return;
      this.#act(parseClientMessage(payload, this.#context.limits.message));
    }
    if (payloads === undefined) this.#refuse('message');
  }

  #act(message: ClientMessage): void {
    if (message.kind === 'authenticate') {
      this.#authenticate(message);
      return;
    }
    if (!this.#authenticated) {
      this.#send(answerLine(message.id, ['NO', 'not authenticated']));
      this.#refuse('not-authenticated');
      return;
    }
    this.#serve(message);
  }

  #serve(message: Exclude<ClientMessage, { readonly kind: 'authenticate' }>): void {
    switch (message.kind) {
      case 'route':
        if (this.routes.size < this.#context.limits.clientRoutes) this.routes.add(message.verb);
        else this.#context.observer.observe({ kind: 'limit-hit', limit: 'clientRoutes' });
        this.#send(answerLine(message.id, ['OK']));
        break;
      case 'remove-route':
        // As drachtio-server does: all routes go, whatever the verb.
        this.routes.clear();
        this.#send(answerLine(message.id, ['OK']));
        break;
      case 'ping':
        this.#send(answerLine(message.id, ['OK', 'pong']));
        break;
      case 'request':
      case 'response':
      case 'proxy':
        this.#context.onSip(this, message);
        break;
      case 'unknown':
        this.#context.observer.observe({ kind: 'stray', what: 'client-message' });
        this.#send(answerLine(message.id, ['NOK', 'unknown message']));
        break;
    }
  }

  #authenticate({ id, secret, tags }: Extract<ClientMessage, { kind: 'authenticate' }>): void {
    if (!sameSecret(secret, this.#context.secret)) {
      this.#send(answerLine(id, ['NO', 'incorrect secret']));
      this.#refuse('secret');
      return;
    }
    this.#deadline.cancel();
    this.tags = tags;
    this.#send(answerLine(id, ['OK', ...this.#context.welcome()]));
    if (this.#authenticated) return;
    this.#authenticated = true;
    this.#context.authenticated(this);
  }

  #refuse(reason: Extract<SipServerEvent, { kind: 'client-refused' }>['reason']): void {
    this.#context.observer.observe({ kind: 'client-refused', reason });
    this.#deadline.cancel();
    this.#authenticated = false;
    // What was answered still goes out; a peer that does not close its end then loses the socket anyhow.
    this.#flush();
    this.#socket.destroySoon();
  }

  #send(line: string, bytes?: Buffer): void {
    if (this.#socket.destroyed || this.#socket.writableEnded) return;
    const head = Buffer.from(bytes === undefined ? line : `${line}\r\n`, 'utf8');
    const length = head.length + (bytes?.length ?? 0);
    if (this.#socket.writableLength + this.#waitingBytes + length > this.#context.limits.clientBacklogBytes) {
      this.#context.observer.observe({ kind: 'client-refused', reason: 'too-slow' });
      this.#socket.destroy();
      return;
    }
    if (this.#waiting.length === 0) setImmediate(() => this.#flush());
    this.#waiting.push(Buffer.from(`${length}#`, 'latin1'), head);
    if (bytes !== undefined) this.#waiting.push(bytes);
    this.#waitingBytes += length;
  }

  #flush(): void {
    const chunks = this.#waiting.splice(0);
    this.#waitingBytes = 0;
    if (chunks.length > 0 && !this.#socket.destroyed) this.#socket.write(Buffer.concat(chunks));
  }

  #end(): void {
    this.#deadline.cancel();
    this.#context.lost(this);
  }
}

// Equal lengths and equal times: digests are compared, not the texts.
function sameSecret(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text, 'utf8').digest();
  return timingSafeEqual(digest(given), digest(expected));
}
