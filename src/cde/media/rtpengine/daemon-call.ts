import { CodedError } from '../../../shared/coded-error.ts';
import type { LegSide } from '../../../shared/leg-side.ts';
import { legText, noLeg, type RelayedLeg, toTranscode } from '../offer-answer/leg-text.ts';
import { type Description, readDescription } from '../offer-answer/session-description.ts';
import type { Dictionary } from './bencode.ts';
import type { Daemon } from './daemon.ts';
import { type LegCounts, legCounts } from './leg-counts.ts';
import type { Address } from './ng-client.ts';
import { silenceFile } from './silence-file.ts';

export type Legs = Readonly<Record<LegSide, RelayedLeg | undefined>>;

/** Where rtpengine's own ports are, as its description of them says. */
export interface OwnPort {
  readonly address: string;
  readonly port: number;
}

/** 20 ms each: far longer than any call. */
const silenceRepeats = 100_000_000;

const silence = silenceFile();

/**
 * One call in one rtpengine, as single steps; none of them knows of the others. The customer's tag is always the offerer's,
 * whoever called: rtpengine knows the legs by their tags, and SIP never reaches it.
 */
export class DaemonCall {
  readonly #daemon: Pick<Daemon, 'ask'>;
  readonly #call: { readonly 'call-id': string };
  readonly #flags: readonly string[];
  #told = '';

  /** `flags` are those of the ng protocol's offer that say whose packets are taken. */
  constructor(daemon: Pick<Daemon, 'ask'>, callId: string, flags: readonly string[]) {
    this.#daemon = daemon;
    this.#call = { 'call-id': callId };
    // Ports stay when a peer's address changes: they are in descriptions that peers have.
    this.#flags = ['port-latching', ...flags];
  }

  /** Tells of both legs as they are now. The ports are the same each time. @returns undefined when nothing has changed. */
  async describe(legs: Legs, always = false): Promise<Record<LegSide, OwnPort> | undefined> {
    const caller = legs.caller ?? legs.agent ?? noLeg;
    const agent = legs.agent ?? legs.caller ?? noLeg;
    const callerText = legText(legs.caller === undefined ? { ...caller, remote: null } : caller);
    const agentText = legText(legs.agent === undefined ? { ...agent, remote: null } : agent);
    if (!always && this.#told === callerText + agentText) return undefined;
    const codecs = toTranscode(caller, agent);
    const plain = {
      ...this.#call,
      'from-tag': 'caller',
      ICE: 'remove',
      'rtcp-mux': ['demux'],
      replace: ['origin', 'session-connection'],
      flags: this.#flags,
    };
    const transcode: Dictionary = codecs.length === 0 ? {} : { codec: { transcode: codecs } };
    const offer = await this.#daemon.ask('offer', { ...plain, ...transcode, sdp: callerText });
    const answer = await this.#daemon.ask('answer', { ...plain, 'to-tag': 'agent', sdp: agentText });
    this.#told = callerText + agentText;
    return { agent: portIn(offer['sdp']), caller: portIn(answer['sdp']) };
  }

  /** No packet of the leg goes anywhere: neither to the other leg, nor to the room. */
  async block(leg: LegSide): Promise<void> {
    await this.#of('block media', leg);
    await this.#of('block DTMF', leg);
  }

  async unblock(leg: LegSide): Promise<void> {
    await this.#of('unblock media', leg);
    await this.#of('unblock DTMF', leg);
  }

  /** The leg's sound is made silence, and its events are dropped, packet by packet. */
  async silence(leg: LegSide): Promise<void> {
    await this.#of('silence media', leg);
    await this.#of('block DTMF', leg);
  }

  async unsilence(leg: LegSide): Promise<void> {
    await this.#of('unsilence media', leg);
    await this.#of('unblock DTMF', leg);
  }

  blockKeys(leg: LegSide): Promise<unknown> {
    return this.#of('block DTMF', leg);
  }

  unblockKeys(leg: LegSide): Promise<unknown> {
    return this.#of('unblock DTMF', leg);
  }

  /** Sends a steady stream of silence to the leg, whatever the other one does. */
  playSilence(leg: LegSide): Promise<unknown> {
    return this.#of('play media', leg, { blob: silence, 'repeat-times': silenceRepeats });
  }

  /** Harmless when nothing is played. */
  async stopPlaying(leg: LegSide): Promise<void> {
    await this.#of('stop media', leg).catch((error: unknown) => {
      if (!(error instanceof CodedError) || error.code !== 'media-failed') throw error;
    });
  }

  /** Nothing of the other leg reaches this one any more, until both legs are described again. */
  detach(tag: string): Promise<unknown> {
    return this.#daemon.ask('unsubscribe', { ...this.#call, 'to-tag': tag });
  }

  /** The room asks for a copy of a leg's stream. @returns the tag of the copy, and how its packets look. */
  async askForCopy(leg: LegSide): Promise<{ tag: string; description: Description }> {
    const answer = await this.#daemon.ask('subscribe request', {
      ...this.#call,
      'from-tag': leg,
      ICE: 'remove',
      'rtcp-mux': ['demux'],
    });
    return { tag: String(answer['to-tag'] ?? ''), description: readDescription(String(answer['sdp'] ?? '')) };
  }

  /** Where the copy is to be sent; from here on it comes. */
  takeCopy(tag: string, { formats, events }: Description, to: Address): Promise<unknown> {
    const copied: RelayedLeg = {
      ...noLeg,
      remote: { address: to.host, port: to.port, rtcpPort: to.port },
      codecs: formats.map(({ payloadType, codec }) => ({
        name: codec.key,
        receive: payloadType,
        send: payloadType,
        clockRate: codec.clockRate,
        channels: codec.channels,
        silence: codec.silence,
      })),
      events: events.map(({ payloadType, clockRate }) => ({ receive: payloadType, send: payloadType, clockRate })),
    };
    return this.#daemon.ask('subscribe answer', { ...this.#call, 'to-tag': tag, sdp: legText(copied, 'recvonly') });
  }

  async counts(): Promise<Record<LegSide, LegCounts>> {
    const answer = await this.#daemon.ask('query', this.#call);
    return { caller: legCounts(answer, 'caller'), agent: legCounts(answer, 'agent') };
  }

  /** The reverse order of everything: rtpengine forgets the call, and its ports are free. */
  end(): Promise<unknown> {
    // Without the 0 it would go on relaying for half a minute.
    return this.#daemon.ask('delete', { ...this.#call, 'from-tag': 'caller', 'delete-delay': 0 });
  }

  #of(command: string, leg: LegSide, more: Dictionary = {}): Promise<Dictionary> {
    return this.#daemon.ask(command, { ...this.#call, 'from-tag': leg, ...more });
  }
}

function portIn(sdp: unknown): OwnPort {
  const text = String(sdp ?? '');
  const address = /^c=IN IP[46] (\S+)/m.exec(text)?.[1];
  const port = /^m=audio (\d+)/m.exec(text)?.[1];
  if (address === undefined || port === undefined) throw new CodedError('media-failed', 'rtpengine gave no port');
  return { address, port: Number(port) };
}
