import type { Server, Socket } from 'node:net';
import type { WatchedSocket } from './link-watch.ts';
import type { SipLink } from './sip-link.ts';

/*
 * The part of drachtio-srf 5.0.29 that we use, as it behaves. The library's own declarations leave half of it out, and
 * its promise forms settle a turn too late: a BYE that arrives in the same segment as the 200 would find no listener.
 * Hence callbacks everywhere.
 */

export interface SrfMessage {
  readonly body: string;
  readonly headers: Record<string, string>;
  get(name: string): string;
  has(name: string): boolean;
  getParsedHeader(name: string): { name?: string; uri: string; params: Record<string, string> };
}

export interface SrfRequest extends SrfMessage {
  readonly uri: string;
  readonly method: string;
  readonly source_address: string;
  readonly source_port: number | string;
  readonly protocol: string;
  cancel(callback: (error: unknown) => void): void;
  on(event: 'cancel', listener: () => void): void;
}

export interface SrfResponse extends SrfMessage {
  readonly status: number;
  readonly reason: string;
  readonly finalResponseSent: boolean;
  send(status: number, options: object, callback: (error: unknown) => void): void;
}

export interface SrfDialog {
  /** Ours: set by the stack on every dialog that it hands on. */
  link?: SipLink;
  destroy(options: { headers: Record<string, string> }, callback: (error: unknown) => void): void;
  request(options: object, callback: (error: unknown, response?: SrfResponse) => void): void;
  on(event: 'destroy', listener: (request: SrfRequest, reason: string) => void): void;
  on(event: 'ack', listener: (request: SrfRequest) => void): void;
  on(event: string, listener: (request: SrfRequest, response: SrfResponse) => void): void;
  readonly local: { readonly contact: string };
  readonly remote: { readonly uri: string; readonly sdp: string | undefined };
  readonly sip: { readonly callId: string; readonly localTag: string; readonly remoteTag: string };
}

export interface SrfApplication {
  connect(options: {
    host: string;
    port: number;
    secret: string;
    enablePing?: boolean;
    pingInterval?: number;
    reconnect: { retryMaxDelay: number };
  }): unknown;
  /** Takes what connects to the server, which need not listen. */
  listen(options: { server: Server; secret: string; enablePing?: boolean; pingInterval?: number }): unknown;
  /** There once `connect` or `listen` was called: the library's protocol below, with the sockets that it pings. */
  readonly app: {
    readonly client: {
      /** Says on a new socket which requests are wanted. */
      routeVerbs(socket: Socket): void;
      once(event: 'connect', listener: (error: unknown) => void): void;
      readonly wp: {
        readonly mapTimerPing: ReadonlyMap<WatchedSocket, unknown>;
        on(event: 'connect' | 'connection' | 'close', listener: (socket: WatchedSocket) => void): void;
      };
    };
  };
  disconnect(): void;
  invite(handler: (request: SrfRequest, response: SrfResponse) => void): void;
  options(handler: (request: SrfRequest, response: SrfResponse) => void): void;
  createUAS(
    request: SrfRequest,
    response: SrfResponse,
    options: { localSdp: string; headers: Record<string, string> },
    callback: (error: unknown, dialog?: SrfDialog) => void,
  ): void;
  createUAC(
    uri: string,
    options: { localSdp: string; headers: Record<string, string> },
    progress: { cbRequest(error: unknown, request?: SrfRequest): void; cbProvisional(response: SrfResponse): void },
    callback: (error: unknown, dialog?: SrfDialog) => void,
  ): void;
  on(event: 'connect' | 'error' | 'close' | 'reconnecting', listener: (...rest: unknown[]) => void): void;
}
