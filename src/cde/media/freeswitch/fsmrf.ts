// @ts-expect-error: the package has no declarations; what we use of it is below.
import Library from 'drachtio-fsmrf';

/*
 * The part of drachtio-fsmrf 5.0.1 that we use, as it behaves. Callbacks that wait for FreeSWITCH are never called when its
 * connection is lost: whoever asks has a time limit of his own.
 */

export interface SocketEvent {
  getBody(): string | undefined;
  getHeader(name: string): string | null | undefined;
}

export interface EventSocket {
  readonly socket: { setNoDelay(on: boolean): void } | null;
  /** The library tries to connect again by itself, and does so even after it was told to stop. */
  readonly reconnectVars?: { readonly retryTimer?: NodeJS.Timeout | null };
  api(command: string, done: (answer: SocketEvent) => void): void;
  /** Events come by names of the library's own: `esl::event::DTMF::<uuid>`. */
  on(event: string, listener: (event: SocketEvent) => void): void;
  disconnect(): void;
}

/** A key, as one character; it comes at the end of an event, and near the beginning of a tone. */
export interface KeyEvent {
  readonly dtmf: string;
  /** In units of 1/8000 s. */
  readonly duration: string;
  readonly source: string;
  /** When FreeSWITCH told it, in milliseconds of its own clock; NaN where it does not say. */
  readonly toldAt: number;
}

/** The library's own event of a key leaves out when it was. */
export const keyOf = (event: SocketEvent): KeyEvent => ({
  dtmf: event.getHeader('DTMF-Digit') ?? '',
  duration: event.getHeader('DTMF-Duration') ?? '',
  source: event.getHeader('DTMF-Source') ?? '',
  toldAt: Number.parseInt(event.getHeader('Event-Date-Timestamp') ?? '', 10) / 1000,
});

export interface MediaDialog {
  /** Ours to set right: after a re-INVITE that was refused the library lets no other one go. */
  _reinvitesInProgress?: { count: number; admitOne: (() => void)[] };
  readonly remote: { readonly sdp: string };
  modify(sdp: string, done: (error: unknown, sdp?: string) => void): void;
  destroy(options: object, done: (error: unknown) => void): void;
  on(event: 'destroy', listener: () => void): void;
}

export interface MediaEndpoint {
  readonly uuid: string;
  readonly conn: EventSocket | null;
  readonly dialog: MediaDialog;
  execute(application: string, argument: string, done: (error: unknown, event?: SocketEvent) => void): void;
  api(command: string, argument: string, done: (error: unknown, answer?: SocketEvent) => void): void;
  on(event: 'destroy', listener: () => void): void;
}

export interface MediaServer {
  readonly conn: EventSocket;
  /** As the heartbeats tell it; 0 before the first one. */
  readonly maxSessions: number;
  readonly currentSessions: number;
  /** Where FreeSWITCH connects to. */
  readonly _server?: {
    readonly server: { prependListener(event: 'connection', listener: (socket: CallingSocket) => void): void };
  };
  createEndpoint(options: { remoteSdp: string }): Promise<MediaEndpoint>;
  on(event: 'end', listener: () => void): void;
  on(event: 'error', listener: () => void): void;
  disconnect(): void;
}

export interface CallingSocket {
  readonly remoteAddress?: string;
  destroy(): void;
}

/** What the library needs of drachtio-srf: it sends an INVITE for each endpoint. */
export interface InviteSender {
  createUAC(uri: string, options: object): Promise<unknown>;
}

export interface MediaServers {
  connect(options: {
    address: string;
    port: number;
    secret: string;
    listenAddress: string;
    listenPort: number;
    profile: string;
  }): Promise<MediaServer>;
}

export const mediaServers = (sender: InviteSender): MediaServers =>
  new (Library as new (sender: InviteSender) => MediaServers)(sender);
