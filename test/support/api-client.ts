import { randomUUID } from 'node:crypto';
import { EventStream } from './event-stream.ts';

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly raw: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever an answer holds
  readonly body: any;
}

/** An agent's desktop, or a CRM, as far as HTTP goes. Keeps the text of every answer for those who search it. */
export class ApiClient {
  readonly http: string;
  readonly token: string;
  readonly answers: string[] = [];
  readonly #headers: Readonly<Record<string, string>>;

  /** @param headers go with every request. */
  constructor(http: string, token: string, headers: Readonly<Record<string, string>> = {}) {
    this.http = http;
    this.token = token;
    this.#headers = headers;
  }

  async send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<ApiAnswer> {
    const command = method !== 'GET';
    const response = await fetch(this.http + path, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(command ? { 'idempotency-key': randomUUID() } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...this.#headers,
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const raw = await response.text();
    this.answers.push(`${[...response.headers].map((pair) => pair.join(': ')).join('\n')}\n${raw}`);
    const json = (response.headers.get('content-type') ?? '').includes('json') && raw !== '';
    return { status: response.status, headers: response.headers, raw, body: json ? JSON.parse(raw) : undefined };
  }

  /** Sends and insists on the status; the message of the failure tells what came instead. */
  async expect(status: number, method: string, path: string, body?: unknown): Promise<ApiAnswer> {
    const answer = await this.send(method, path, body);
    if (answer.status !== status) {
      throw new Error(`${method} ${path}: ${answer.status} instead of ${status}: ${answer.raw.slice(0, 600)}`);
    }
    return answer;
  }

  events(): Promise<EventStream> {
    return EventStream.open(this.http, this.token);
  }

  calls(): Promise<ApiAnswer> {
    return this.expect(200, 'GET', '/v1/calls');
  }

  async openSession(callId: string, body?: unknown): Promise<string> {
    const answer = await this.expect(201, 'POST', `/v1/calls/${callId}/session`, body ?? {});
    return answer.body.id;
  }

  session(id: string): Promise<ApiAnswer> {
    return this.expect(200, 'GET', `/v1/sessions/${id}`);
  }

  details(id: string, details: unknown): Promise<ApiAnswer> {
    return this.expect(200, 'PATCH', `/v1/sessions/${id}/details`, details);
  }

  capture(id: string, field: string): Promise<ApiAnswer> {
    return this.expect(202, 'POST', `/v1/sessions/${id}/captures`, { field });
  }

  stopCapture(id: string): Promise<ApiAnswer> {
    return this.send('DELETE', `/v1/sessions/${id}/captures/current`);
  }

  authorise(id: string): Promise<ApiAnswer> {
    return this.expect(202, 'POST', `/v1/sessions/${id}/authorise`);
  }

  closeSession(id: string): Promise<ApiAnswer> {
    return this.send('DELETE', `/v1/sessions/${id}`);
  }

  transactions(callId: string): Promise<ApiAnswer> {
    return this.expect(200, 'GET', `/v1/calls/${callId}/transactions`);
  }

  /** The text of /metrics, kept with the other answers. */
  async metrics(): Promise<string> {
    return (await this.send('GET', '/metrics')).raw;
  }
}
