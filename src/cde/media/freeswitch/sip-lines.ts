import Srf from 'drachtio-srf';
import type { InviteSender } from './fsmrf.ts';

/** A SIP server (ours, or drachtio-server) by which INVITEs go to FreeSWITCH. */
export interface SipServerAddress {
  readonly host: string;
  readonly port: number;
  readonly secret: string;
}

/** What we use of drachtio-srf 5.0.29. */
interface Application extends InviteSender {
  connect(options: SipServerAddress & { enablePing: boolean; pingInterval: number; reconnect: object }): void;
  disconnect(): void;
  on(event: 'connect' | 'error' | 'close' | 'reconnecting', listener: (error?: unknown) => void): void;
}

interface Line {
  readonly application: Application;
  connected: boolean;
}

const retryDelayMaxMs = 2000;
const pingMs = 15_000;

/**
 * The room's own lines to the SIP servers. It asks for no requests, so none but those of its own dialogs come by them. A
 * line that is lost takes no channel with it: each has its event socket, by which it can still be secured and ended.
 */
export class SipLines implements InviteSender {
  readonly #lines: Line[];
  readonly #changed: () => void;
  #turn = 0;

  constructor(servers: readonly SipServerAddress[], changed: () => void) {
    this.#changed = changed;
    this.#lines = servers.map((server) => this.#open(server));
  }

  get connected(): boolean {
    return this.#lines.some(({ connected }) => connected);
  }

  async createUAC(uri: string, options: object): Promise<unknown> {
    const living = this.#lines.filter(({ connected }) => connected);
    this.#turn += 1;
    const line = living[this.#turn % living.length];
    if (line === undefined) throw new Error('no SIP server is there');
    return line.application.createUAC(uri, options);
  }

  close(): void {
    for (const { application } of this.#lines)
      try {
        application.disconnect();
      } catch {
        // The library has noted that it shall not try again, and then missed the socket to close.
      }
  }

  #open(server: SipServerAddress): Line {
    const application = new Srf() as unknown as Application;
    const line: Line = { application, connected: false };
    const now = (connected: boolean): void => {
      if (line.connected === connected) return;
      line.connected = connected;
      this.#changed();
    };
    application.on('connect', (error) => now(error === null || error === undefined));
    for (const event of ['close', 'reconnecting', 'error'] as const) application.on(event, () => now(false));
    application.connect({
      ...server,
      enablePing: true,
      pingInterval: pingMs,
      reconnect: { retryMaxDelay: retryDelayMaxMs },
    });
    return line;
  }
}
