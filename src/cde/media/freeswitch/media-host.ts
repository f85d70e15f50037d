import type { Clock, Timer } from '../../../shared/clock.ts';
import { CodedError } from '../../../shared/coded-error.ts';
import type { EventSocketAddress } from '../../../shared/event-socket.ts';
import { askFitness, levelQuestion, logsNoKeys } from '../../../shared/freeswitch-fitness.ts';
import type { CallingSocket, MediaEndpoint, MediaServer, MediaServers } from './fsmrf.ts';
import { within } from './within.ts';

export interface MediaHostOptions extends EventSocketAddress {
  /** The SIP profile for our endpoints. */
  readonly profile: string;
  /** Where FreeSWITCH connects to, once for each endpoint; port 0 lets the system choose. */
  readonly listen: { readonly host: string; readonly port: number };
}

/** How often a server is asked whether it is there and still writes no key, and how long it may think. */
const lookEveryMs = 1000;
const answerMs = 2500;
const connectMs = 4000;
const endpointMs = 4000;
/** Two channels a call. */
const channelsACall = 2;

const plainAddress = (address: string): string => address.replace(/^::ffff:/, '');

/**
 * One FreeSWITCH: its control connection, and whether it may be given calls. It may while it answers, and as long as it
 * says that it writes no key into its log; each new connection is judged from the beginning.
 */
export class MediaHost {
  readonly #options: MediaHostOptions;
  readonly #mrf: MediaServers;
  readonly #clock: Clock;
  readonly #died: (host: MediaHost) => void;
  readonly #changed: () => void;
  #server: MediaServer | undefined;
  #fit = false;
  #timer: Timer | undefined;
  #closed = false;
  /** Calls that it carries; kept by the engine. */
  calls = 0;

  constructor(
    options: MediaHostOptions,
    mrf: MediaServers,
    clock: Clock,
    died: (host: MediaHost) => void,
    changed: () => void,
  ) {
    this.#options = options;
    this.#mrf = mrf;
    this.#clock = clock;
    this.#died = died;
    this.#changed = changed;
  }

  /** Whether it may be given calls. */
  get fit(): boolean {
    return this.#fit;
  }

  /** Calls that it has room for, as its last heartbeat and our own calls tell; without a heartbeat, a place behind all others. */
  get room(): number {
    const { maxSessions = 0, currentSessions = 0 } = this.#server ?? {};
    if (!(maxSessions > 0)) return -this.calls;
    return Math.floor((maxSessions - Math.max(currentSessions, channelsACall * this.calls)) / channelsACall);
  }

  /** Looks now, and goes on looking whatever comes of it. */
  async start(): Promise<void> {
    this.#timer?.cancel();
    await this.#look();
  }

  /** @throws {CodedError} `media-failed`. */
  async createEndpoint(remoteSdp: string): Promise<MediaEndpoint> {
    const server = this.#server;
    if (server === undefined || !this.#fit) throw new CodedError('media-failed');
    let late = false;
    const made = await within<MediaEndpoint>(this.#clock, endpointMs, (done) => {
      server.createEndpoint({ remoteSdp }).then((endpoint) => {
        if (late) endpoint.dialog.destroy({}, () => undefined);
        else done(null, endpoint);
      }, done);
    }).finally(() => {
      late = true;
    });
    if (made === undefined) throw new CodedError('media-failed');
    return made;
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#drop();
  }

  async #look(): Promise<void> {
    const before = this.#server;
    this.#judge(before === undefined ? await this.#connect() : await this.#stillFit(before));
    if (this.#closed) return this.#drop();
    this.#timer = this.#clock.after(lookEveryMs, () => void this.#look());
  }

  #judge(fit: boolean): void {
    if (this.#fit === fit) return;
    this.#fit = fit;
    this.#changed();
  }

  async #connect(): Promise<boolean> {
    const { host, port, secret, profile, listen } = this.#options;
    // Asked before the library connects: it throws into the air where it finds no profile.
    if ((await askFitness(this.#options, profile, answerMs)).length > 0 || this.#closed) return false;
    const server = await within<MediaServer>(this.#clock, connectMs, (done) => {
      const place = { listenAddress: listen.host, listenPort: listen.port };
      this.#mrf.connect({ address: host, port, secret, profile, ...place }).then((made) => done(null, made), done);
    }).catch(() => undefined);
    if (server === undefined) return false;
    this.#server = server;
    server.conn.socket?.setNoDelay(true);
    server.on('error', () => undefined);
    server.on('end', () => this.#lost(server));
    this.#guard(server);
    return true;
  }

  /** Only the machine that we connect to may connect to us: what comes by this socket is believed. */
  #guard(server: MediaServer): void {
    const { address } = server as unknown as { readonly address: string };
    server._server?.server.prependListener('connection', (socket: CallingSocket) => {
      if (plainAddress(socket.remoteAddress ?? '') !== plainAddress(address)) socket.destroy();
    });
  }

  async #stillFit(server: MediaServer): Promise<boolean> {
    const answer = await within<{ getBody(): string | undefined }>(this.#clock, answerMs, (done) =>
      server.conn.api(levelQuestion, (said) => done(null, said)),
    ).catch(() => undefined);
    if (this.#server !== server) return false;
    if (answer !== undefined) return logsNoKeys(answer.getBody() ?? '');
    this.#lost(server);
    return false;
  }

  #lost(server: MediaServer): void {
    if (this.#server !== server) return;
    this.#drop();
    this.#judge(false);
    this.#died(this);
  }

  #drop(): void {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    const { retryTimer } = server.conn.reconnectVars ?? {};
    server.disconnect();
    // We connect again ourselves, and judge it anew.
    clearTimeout(retryTimer ?? undefined);
  }
}
