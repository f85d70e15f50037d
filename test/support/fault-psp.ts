import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { PspBooks, type PspDocument } from './psp-books.ts';

/**
 * What the provider does to a payment, chosen by the document's `details.reference` up to the first colon. `hold-…` waits
 * at that step until the test says `release`, whether the gateway still lives or not.
 */
export const pspFaults = [
  'none',
  'decline',
  'surcharge',
  'echo',
  'reset-before-commit',
  'reset-after-commit',
  'error-before-commit',
  'error-after-commit',
  'refuse',
  'truncated',
  'garbage',
  'flood',
  'head-flood',
  'redirect',
  'duplicate',
  'two-answers',
  'slow',
  'hold-before-commit',
  'hold-after-commit',
  'hold-half-answer',
] as const;
export type PspFault = (typeof pspFaults)[number];

export interface Received {
  readonly document: PspDocument;
  readonly key: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

const certificate = (name: string): Buffer => readFileSync(join(import.meta.dirname, 'psp-certificates', name));
export const certificatePath = (name: string): string => join(import.meta.dirname, 'psp-certificates', name);

/** How long `slow` takes. */
export const slowAnswerMs = 300;

/** A provider in the words of the `http` adapter that does its worst, and counts what it was asked for and what it charged. */
export class FaultPsp {
  readonly books = new PspBooks();
  readonly received: Received[] = [];
  /** Refunds wait at this step, by the name of `refund`, until the test says `release`. */
  holdRefunds: 'before-commit' | 'after-commit' | null = null;
  /** Clients that the handshake turned away. */
  turnedAway = 0;
  readonly #server: Server;
  readonly #secure: boolean;
  readonly #gates = new Map<string, () => void>();
  readonly #waiting: { met: () => boolean; done: () => void }[] = [];

  private constructor(secure: boolean) {
    this.#secure = secure;
    const serve = (request: IncomingMessage, response: ServerResponse): void => {
      void this.#serve(request, response).catch(() => request.socket.destroy());
    };
    this.#server = secure
      ? createTlsServer(
          {
            key: certificate('server.key'),
            cert: certificate('server.pem'),
            ca: certificate('ca.pem'),
            requestCert: true,
            rejectUnauthorized: true,
          },
          serve,
        )
      : createServer(serve);
    this.#server.on('tlsClientError', () => {
      this.turnedAway += 1;
    });
  }

  static async open({ tls = false, port = 0 }: { tls?: boolean; port?: number } = {}): Promise<FaultPsp> {
    const psp = new FaultPsp(tls);
    await new Promise<void>((done) => psp.#server.listen(port, '127.0.0.1', done));
    return psp;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `${this.#secure ? 'https' : 'http'}://127.0.0.1:${this.port}/pay`;
  }

  /** Requests to charge that have arrived for a payment, by its reference. */
  asked(reference: string): number {
    return this.received.filter(
      ({ document }) => document.operation === 'authorise' && document.details?.['reference'] === reference,
    ).length;
  }

  /** Resolves when the payment with this reference stands at its gate. */
  async held(reference: string): Promise<void> {
    await this.#until(() => this.#gates.has(reference));
  }

  release(reference: string): void {
    this.#gates.get(reference)?.();
    this.#gates.delete(reference);
  }

  async close(): Promise<void> {
    for (const reference of [...this.#gates.keys()]) this.release(reference);
    this.#server.closeAllConnections();
    await new Promise<void>((done) => this.#server.close(() => done()));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const document = JSON.parse(body) as PspDocument;
    const key = request.headers['idempotency-key'];
    this.received.push({ document, key: typeof key === 'string' ? key : undefined, headers: request.headers, body });
    if (document.operation === 'authorise') await this.#authorise(document, String(key), request, response);
    else if (document.operation === 'refund') await this.#refund(document, response);
    else if (this.#isHeld(document)) send(response, { answer: 'still-unknown' });
    else send(response, this.books.answer(document));
  }

  async #refund(document: PspDocument, response: ServerResponse): Promise<void> {
    if (this.holdRefunds === 'before-commit') await this.#gate('refund');
    const answer = this.books.answer(document);
    if (this.holdRefunds === 'after-commit') await this.#gate('refund');
    send(response, answer);
  }

  async #authorise(
    document: PspDocument,
    key: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const reference = String(document.details?.['reference'] ?? 'none');
    const fault = reference.split(':', 1)[0] as PspFault;
    const reset = (): void => void (request.socket as TLSSocket).resetAndDestroy();
    this.books.begin(document);
    switch (fault) {
      case 'reset-before-commit':
        this.books.drop(document);
        return reset();
      case 'error-before-commit':
        this.books.drop(document);
        return void response.writeHead(500).end('{"error":"try again"}');
      case 'refuse':
        this.books.drop(document);
        return void response.writeHead(403).end();
      case 'hold-before-commit':
        await this.#gate(reference);
        break;
      case 'slow':
        await new Promise((done) => setTimeout(done, slowAnswerMs));
        break;
      default:
    }
    // A proxy on the way may deliver a request twice.
    if (fault === 'duplicate') this.books.charge(document, key, fault);
    const answer = this.books.charge(document, key, fault);
    if (fault === 'hold-after-commit') await this.#gate(reference);
    await this.#say(fault, reference, answer, response, reset);
  }

  /** The answer, as the fault has it. */
  async #say(
    fault: PspFault,
    reference: string,
    answer: unknown,
    response: ServerResponse,
    reset: () => void,
  ): Promise<void> {
    const text = JSON.stringify(answer);
    const whole = `HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n${text}`;
    const { socket } = response;
    switch (fault) {
      case 'reset-after-commit':
        return reset();
      case 'error-after-commit':
        return void response.writeHead(500).end('{"error":"try again"}');
      case 'garbage':
        return void response.writeHead(200).end('<html>Bad gateway</html>');
      case 'flood':
        return void response.writeHead(200).end(Buffer.alloc(1_000_000, 0x20));
      case 'head-flood':
        return void socket?.end(`HTTP/1.1 200 OK\r\n${'X-Filler: y\r\n'.repeat(5000)}\r\n`);
      case 'redirect':
        return void response.writeHead(307, { Location: this.url }).end();
      case 'truncated':
        return void socket?.end(whole.slice(0, -5));
      case 'two-answers':
        return void socket?.end(whole + whole);
      case 'hold-half-answer':
        socket?.write(whole.slice(0, -5));
        await this.#gate(reference);
        return void socket?.end(whole.slice(-5));
      default:
        send(response, answer);
    }
  }

  /** Whatever is asked about a payment that stands at its gate: the provider itself does not know yet. */
  #isHeld({ operation, attempt }: PspDocument): boolean {
    const asked = this.received.find(
      ({ document }) => document.operation === 'authorise' && document.attempt === attempt,
    );
    return operation === 'enquire' && this.#gates.has(String(asked?.document.details?.['reference']));
  }

  async #gate(reference: string): Promise<void> {
    await new Promise<void>((open) => {
      this.#gates.set(reference, open);
      for (const { met, done } of this.#waiting) if (met()) done();
    });
  }

  #until(met: () => boolean): Promise<void> {
    if (met()) return Promise.resolve();
    return new Promise((done) => this.#waiting.push({ met, done }));
  }
}

function send(response: ServerResponse, answer: unknown): void {
  response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer));
}
