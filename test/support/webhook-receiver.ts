import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import { freeTcpPort } from './free-ports.ts';

export interface Told {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever an event holds
  readonly event: any;
}

/** A CRM's receiver of webhooks: keeps what it is told and answers as the test wants. */
export class WebhookReceiver {
  readonly told: Told[] = [];
  answer: (response: ServerResponse, told: Told) => void = (response) => response.writeHead(204).end();
  readonly port: number;
  #server: Server | undefined;

  private constructor(port: number) {
    this.port = port;
  }

  static async open(): Promise<WebhookReceiver> {
    const receiver = new WebhookReceiver(await freeTcpPort());
    await receiver.listen();
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/tonelock`;
  }

  types(): string[] {
    return this.told.map(({ event }) => event.type);
  }

  async listen(): Promise<void> {
    const server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => (body += text));
      request.on('end', () => {
        const told = { headers: request.headers, body, event: body === '' ? undefined : JSON.parse(body) };
        this.told.push(told);
        this.answer(response, told);
      });
    });
    await new Promise<void>((done) => server.listen(this.port, '127.0.0.1', done));
    this.#server = server;
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
}
