import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { certificatePath } from './fault-psp.ts';

/** A request as a provider reads it. */
export interface HeardRequest {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly body: string;
  readonly headers: IncomingMessage['headers'];
}

export type Answer = readonly [status: number, body: unknown];

/** A provider that says what the test wrote down for it, and keeps what it hears. */
export class AnsweringServer {
  readonly heard: HeardRequest[] = [];
  /** Said in turn; the last is repeated. */
  answers: readonly Answer[] = [[200, {}]];
  readonly #server: Server;

  private constructor(secure: boolean) {
    const own = () => ({
      key: readFileSync(certificatePath('server.key')),
      cert: readFileSync(certificatePath('server.pem')),
    });
    const serve = (request: IncomingMessage, response: ServerResponse): void => void this.#serve(request, response);
    this.#server = secure ? createTlsServer(own(), serve) : createServer(serve);
  }

  static async open(secure = false): Promise<AnsweringServer> {
    const opened = new AnsweringServer(secure);
    await new Promise<void>((done) => opened.#server.listen(0, '127.0.0.1', done));
    return opened;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const { method, url, headers } = request;
    this.heard.push({ method, url, body, headers });
    const [status, answer] = this.answers[0] ?? [200, {}];
    if (this.answers.length > 1) this.answers = this.answers.slice(1);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  }
}
