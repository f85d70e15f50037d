import type { Clock } from '../../../shared/clock.ts';
import { CodedError } from '../../../shared/coded-error.ts';
import { type KeyEvent, keyOf, type MediaEndpoint } from './fsmrf.ts';
import { within } from './within.ts';

/** A command on the event socket takes a millisecond, a re-INVITE three. */
const commandMs = 2000;
const modifyMs = 2000;
const goodbyeMs = 2000;

/** What a leg's RTP counts say. */
export interface LegCounts {
  readonly received: number;
  /** Of those, telephone-event packets. */
  readonly events: number;
  readonly sent: number;
}

export const noCounts: LegCounts = { received: 0, events: 0, sent: 0 };

/** `eval` sees a channel as its events have it: its variables by a longer name than `uuid_getvar` knows. */
const counters = ['in_packet_count', 'in_dtmf_packet_count', 'out_packet_count'].map(
  (name) => `variable_rtp_audio_${name}`,
);

/** Where FreeSWITCH's port for a leg is. */
export interface OwnPort {
  readonly address: string;
  readonly port: number;
}

/** @throws {CodedError} `media-failed` for a description without a port. */
export function ownPort(sdp: string): OwnPort {
  const address = /^c=IN IP[46] (\S+)/m.exec(sdp)?.[1];
  const port = Number(/^m=audio (\d+)/m.exec(sdp)?.[1] ?? 0);
  if (address === undefined || port === 0) throw new CodedError('media-failed', 'FreeSWITCH gave no port');
  return { address, port };
}

export interface EndpointEvents {
  key(event: KeyEvent): void;
  /** It is gone, with its channel. Once, and never after `end`. */
  died(): void;
}

/**
 * One leg's channel in FreeSWITCH: an event socket of its own and a SIP dialog. It dies when either goes. Every step has a
 * limit of time, and rejects with `media-failed` and nothing else.
 */
export class LegEndpoint {
  readonly port: OwnPort;
  readonly #endpoint: MediaEndpoint;
  readonly #clock: Clock;
  readonly #events: EndpointEvents;
  #told: string;
  #over = false;

  constructor(endpoint: MediaEndpoint, told: string, clock: Clock, events: EndpointEvents) {
    this.#endpoint = endpoint;
    this.#clock = clock;
    this.#events = events;
    this.#told = told;
    this.port = ownPort(endpoint.dialog.remote.sdp);
    // With Nagle's algorithm on a command takes 43 ms instead of one.
    endpoint.conn?.socket?.setNoDelay(true);
    endpoint.conn?.on(`esl::event::DTMF::${endpoint.uuid}`, (event) => {
      if (!this.#over) this.#events.key(keyOf(event));
    });
    endpoint.on('destroy', () => this.#gone());
    endpoint.dialog.on('destroy', () => this.#gone());
  }

  get uuid(): string {
    return this.#endpoint.uuid;
  }

  /** Has FreeSWITCH run the leg by this description. The same one as before is no work. */
  async modify(sdp: string): Promise<void> {
    if (sdp === this.#told) return;
    const { dialog } = this.#endpoint;
    // We send them one by one ourselves.
    dialog._reinvitesInProgress = { count: 0, admitOne: [] };
    const answer = await within<string>(this.#clock, modifyMs, (done) => void dialog.modify(sdp, done));
    const { address, port } = ownPort(answer ?? '');
    if (address !== this.port.address || port !== this.port.port) throw new CodedError('media-failed');
    // What the library has for the remote description is that of the first INVITE, so we go by what we sent.
    this.#told = sdp;
  }

  /** A command about this channel. @returns what it said. */
  async command(name: string, rest = ''): Promise<string> {
    const argument = rest === '' ? this.uuid : `${this.uuid} ${rest}`;
    return this.#ask(name, argument);
  }

  /** A command that must succeed. */
  async must(name: string, rest: string): Promise<void> {
    if (!(await this.command(name, rest)).startsWith('+OK')) throw new CodedError('media-failed');
  }

  execute(application: string, argument = ''): Promise<unknown> {
    return within(this.#clock, commandMs, (done) => this.#endpoint.execute(application, argument, done));
  }

  /** @returns what is known at once of the leg's packets; of a counter that is not there yet 0. */
  async counts(): Promise<LegCounts> {
    await this.command('uuid_set_media_stats');
    const wanted = counters.map((name) => `\${${name}}`).join('|');
    const [received = 0, events = 0, sent = 0] = (await this.#ask('eval', `uuid:${this.uuid} ${wanted}`))
      .split('|')
      .map((text) => Number.parseInt(text, 10) || 0);
    return { received, events, sent };
  }

  /** Ends the channel, by SIP, and where that finds no way by the event socket. Never rejects. */
  async end(): Promise<void> {
    this.#over = true;
    const bye = within(this.#clock, goodbyeMs, (done) => void this.#endpoint.dialog.destroy({}, done));
    await bye.catch(() => this.command('uuid_kill').catch(() => undefined));
  }

  async #ask(command: string, argument: string): Promise<string> {
    const answer = await within<{ getBody(): string | undefined }>(this.#clock, commandMs, (done) =>
      this.#endpoint.api(command, argument, done),
    );
    return (answer?.getBody() ?? '').trim();
  }

  #gone(): void {
    if (this.#over) return;
    this.#over = true;
    this.#events.died();
    // Whichever of the two went, the other one is not to stay.
    void this.end();
  }
}
