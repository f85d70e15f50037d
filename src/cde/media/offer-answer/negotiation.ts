import { isIP } from 'node:net';
import { CodedError } from '../../../shared/coded-error.ts';
import { KnownOf } from '../../../shared/known-of.ts';
import { type LegSide, otherSide } from '../../../shared/leg-side.ts';
import type { SrtpPolicy } from '../../../shared/srtp-policy.ts';
import {
  bothLaws,
  type EventFormat,
  type Format,
  isG711,
  knownEvents,
  knownFormats,
  type RedundantFormat,
} from './codec-table.ts';
import { KeyExchange } from './key-exchange.ts';
import type { LegLists, LegSettings } from './leg-settings.ts';
import { DescriptionWriter, type OwnDescription } from './own-description.ts';
import { PayloadNumbers } from './payload-numbers.ts';
import { type Description, type Direction, isUnspecified, readDescription } from './session-description.ts';

export interface NegotiationOptions {
  /** The address for descriptions, and the RTP port of either leg. */
  readonly address: string;
  readonly ports: Readonly<Record<LegSide, number>>;
  readonly sessionIds: Readonly<Record<LegSide, number>>;
  readonly srtp: Readonly<Record<LegSide, SrtpPolicy>>;
  /** Whether a peer's address is one of our own ports: relaying to ourselves would never end. */
  readonly isOurs: (address: string, port: number) => boolean;
}

interface Tables {
  readonly formats: readonly Format[];
  readonly events: readonly EventFormat[];
  readonly redundant: readonly RedundantFormat[];
}

interface LegState {
  readonly side: LegSide;
  readonly numbers: PayloadNumbers;
  readonly writer: DescriptionWriter;
  readonly keys: KeyExchange;
  /** What is in force: the peer's side of it, and the payload types by which the peer sends to us. */
  remote: Description | null;
  local: Tables | null;
  /** Offers that wait for an answer, and the answered one, which a later answer of the same exchange may still change. */
  fromPeer: Description | null;
  toPeer: Tables | null;
  answered: Tables | null;
  answer: string | null;
  mux: boolean;
}

const hears = (direction: Direction): boolean => direction === 'sendrecv' || direction === 'recvonly';
const speaks = (direction: Direction): boolean => direction === 'sendrecv' || direction === 'sendonly';
const directionOf = (sends: boolean, receives: boolean): Direction =>
  sends ? (receives ? 'sendrecv' : 'sendonly') : receives ? 'recvonly' : 'inactive';

const noWrappers: readonly RedundantFormat[] = [];
const eventKey = (clockRate: number): string => `telephone-event/${clockRate}`;
const basicEventRate = 8000;

/**
 * Offer and answer of the two legs of a call (RFC 3264), without any network: what each leg is offered and answered
 * follows from what the other one has. A refused description leaves everything as it was.
 */
export class Negotiation {
  readonly #options: NegotiationOptions;
  readonly #legs: Readonly<Record<LegSide, LegState>>;

  constructor(options: NegotiationOptions) {
    this.#options = options;
    const leg = (side: LegSide): LegState => ({
      side,
      numbers: new PayloadNumbers(),
      writer: new DescriptionWriter(options.sessionIds[side]),
      keys: new KeyExchange(options.srtp[side]),
      remote: null,
      local: null,
      fromPeer: null,
      toPeer: null,
      answered: null,
      answer: null,
      mux: false,
    });
    this.#legs = { caller: leg('caller'), agent: leg('agent') };
  }

  /** @throws {CodedError} `not-acceptable-media`, `bad-request`. */
  acceptOffer(side: LegSide, sdp: string): void {
    const leg = this.#legs[side];
    const offer = this.#read(sdp);
    leg.keys.choose(offer);
    leg.fromPeer = offer;
    leg.answer = null;
  }

  describeOffer(side: LegSide): string {
    const leg = this.#legs[side];
    const other = this.#legs[otherSide(side)];
    const base = other.fromPeer ?? other.remote;
    const formats = knownFormats(offerFormats(leg, base));
    const tables = { formats, events: knownEvents(offerEvents(leg, base)), redundant: noWrappers };
    leg.toPeer = tables;
    return leg.writer.write({
      mux: false,
      direction: base?.direction ?? 'sendrecv',
      ptimeMs: base?.ptimeMs ?? null,
      lines: leg.remote?.lines ?? [null],
      ...tables,
      ...this.#where(side),
      ...leg.keys.offer(leg.remote?.protocol),
    });
  }

  /** @throws {CodedError} `not-acceptable-media`; `bad-request` when nothing was offered. */
  acceptAnswer(side: LegSide, sdp: string): void {
    const leg = this.#legs[side];
    const offer = leg.toPeer ?? leg.answered;
    if (offer === null) throw new CodedError('bad-request', 'an answer without an offer');
    const remote = this.#read(sdp);
    const formats = remote.formats.filter(({ codec }) => offer.formats.some((known) => known.codec.key === codec.key));
    mustSound(formats);
    leg.keys.answered(remote);
    const events = remote.events.filter(({ clockRate }) => offer.events.some((known) => known.clockRate === clockRate));
    leg.remote = { ...remote, formats: knownFormats(formats), events: knownEvents(events) };
    leg.local = offer;
    leg.mux = false;
    leg.answered = offer;
    leg.toPeer = null;
  }

  /** @throws {CodedError} `not-acceptable-media` when the legs have nothing in common; `bad-request` without an offer. */
  describeAnswer(side: LegSide): string {
    const leg = this.#legs[side];
    const offer = leg.fromPeer;
    if (offer === null) {
      if (leg.answer === null) throw new CodedError('bad-request', 'no offer to answer');
      return leg.answer;
    }
    const other = this.#legs[otherSide(side)].remote;
    const formats = other === null ? offer.formats : knownFormats(common(offer.formats, other.formats));
    mustSound(formats);
    const rates = new Set([basicEventRate, ...formats.map(({ codec }) => codec.clockRate)]);
    const events = knownEvents(
      offer.events
        .filter(({ clockRate }) => rates.has(clockRate))
        .map((event) => ({ ...event, fmtp: eventList(event.fmtp) })),
    );
    const sends = hears(offer.direction) && (other === null || speaks(other.direction));
    const receives = speaks(offer.direction) && (other === null || hears(other.direction));
    leg.remote = { ...offer, formats, events };
    const redundant = side === 'caller' ? wrappersOf(offer.redundant, [...formats, ...events]) : noWrappers;
    leg.local = { formats, events, redundant };
    leg.mux = offer.mux;
    leg.fromPeer = null;
    for (const { codec, payloadType } of formats) leg.numbers.note(codec.key, payloadType);
    for (const { clockRate, payloadType } of events) leg.numbers.note(eventKey(clockRate), payloadType);
    leg.answer = leg.writer.write({
      formats: knownFormats(formats.map((format) => ({ ...format, fmtp: parametersOf(format, other) }))),
      events,
      redundant,
      mux: offer.mux,
      protocol: offer.protocol,
      crypto: leg.keys.answer(leg.keys.choose(offer)),
      direction: directionOf(sends, receives),
      ptimeMs: other?.ptimeMs ?? offer.ptimeMs,
      lines: offer.lines,
      ...this.#where(side),
    });
    return leg.answer;
  }

  rollback(side: LegSide): void {
    const leg = this.#legs[side];
    leg.fromPeer = null;
    leg.toPeer = null;
  }

  /** What the media process must know of the leg; undefined before its first exchange. */
  settings(side: LegSide): LegSettings | undefined {
    const { remote, local, mux, keys } = this.#legs[side];
    if (remote === null || local === null) return undefined;
    const { address, port, rtcpPort } = remote;
    const held = isUnspecified(address);
    return {
      remote: held ? null : { address, port, rtcpPort: mux ? port : rtcpPort },
      mux,
      srtp: keys.settings(),
      listens: hears(remote.direction) && !held,
      talks: speaks(remote.direction),
      ptimeMs: remote.ptimeMs ?? 20,
      ...legLists(remote, local),
    };
  }

  #where(side: LegSide): Pick<OwnDescription, 'address' | 'port'> {
    return { address: this.#options.address, port: this.#options.ports[side] };
  }

  #read(sdp: string): Description {
    const description = readDescription(sdp);
    const { address, port, rtcpPort } = description;
    const { isOurs } = this.#options;
    if (isIP(address) !== isIP(this.#options.address)) {
      throw new CodedError('not-acceptable-media', 'an address of the other IP version');
    }
    if (isOurs(address, port) || isOurs(address, rtcpPort)) {
      throw new CodedError('not-acceptable-media', 'an address of our own');
    }
    return description;
  }
}

const listsOfTables = new KnownOf<LegLists>();

const legLists = (remote: Description, local: Tables): LegLists =>
  listsOfTables.from([remote.formats, remote.events, local.formats, local.events, local.redundant], () => ({
    codecs: remote.formats.slice(0, 32).map(({ payloadType, codec }) => ({
      name: codec.key,
      receive: local.formats.find((own) => own.codec.key === codec.key)?.payloadType ?? null,
      send: payloadType,
      clockRate: codec.clockRate,
      channels: codec.channels,
      silence: codec.silence,
    })),
    redundant: local.redundant.slice(0, 4).map(({ payloadType, clockRate }) => ({ receive: payloadType, clockRate })),
    events: remote.events.slice(0, 8).map(({ payloadType, clockRate }) => ({
      receive: local.events.find((own) => own.clockRate === clockRate)?.payloadType ?? null,
      send: payloadType,
      clockRate,
    })),
  }));

function mustSound(formats: readonly Format[]): void {
  if (!formats.some(({ codec }) => codec.silence !== null)) {
    throw new CodedError('not-acceptable-media', 'no codec in common');
  }
}

/** What one leg has is offered to the other; with either law of G.711 goes the other, since we turn one into the other. */
function offerFormats(leg: LegState, base: Description | null): Format[] {
  const formats = base?.formats ?? bothLaws;
  const missing = formats.some(({ codec }) => isG711(codec))
    ? bothLaws.filter(({ codec }) => !formats.some((known) => known.codec.key === codec.key))
    : [];
  return [...formats, ...missing].flatMap((format) => {
    const payloadType = leg.numbers.numberFor(format.codec.key, format.payloadType);
    return payloadType === undefined ? [] : [{ ...format, payloadType }];
  });
}

/** The customer is always offered events, for that is how keys come; the agent only where the customer may send them. */
function offerEvents(leg: LegState, base: Description | null): EventFormat[] {
  const known = base?.events ?? [];
  const rates = new Set(known.map(({ clockRate }) => clockRate));
  if (leg.side === 'caller') {
    rates.add(basicEventRate);
    // RFC 4733 §2.1: events go by the clock of the audio that they stand in for.
    for (const { codec } of base?.formats ?? [])
      if ([16_000, 48_000].includes(codec.clockRate)) rates.add(codec.clockRate);
  } else if (base === null) {
    rates.add(basicEventRate);
  }
  return [...rates].flatMap((clockRate) => {
    const wanted = known.find((event) => event.clockRate === clockRate)?.payloadType ?? 101;
    const payloadType = leg.numbers.numberFor(eventKey(clockRate), wanted);
    return payloadType === undefined ? [] : [{ payloadType, clockRate, fmtp: null }];
  });
}

/** What of `offered` can be relayed to a leg that has `had`, in the order of that leg; the other law only where nothing else can. */
function common(offered: readonly Format[], had: readonly Format[]): Format[] {
  const same = had.flatMap(({ codec }) => offered.find((format) => format.codec.key === codec.key) ?? []);
  if (same.some(({ codec }) => codec.silence !== null)) return same;
  const law = had.some(({ codec }) => isG711(codec)) ? offered.filter(({ codec }) => isG711(codec)) : [];
  return [...same, ...law];
}

const parametersOf = (format: Format, other: Description | null): string | null =>
  other === null ? format.fmtp : (other.formats.find(({ codec }) => codec.key === format.codec.key)?.fmtp ?? null);

/** Redundancy is taken where all that it wraps is. @returns the list itself where all of it is. */
function wrappersOf(
  offered: readonly RedundantFormat[],
  known: readonly { readonly payloadType: number }[],
): readonly RedundantFormat[] {
  if (offered.length === 0) return noWrappers;
  const isKnown = (type: number): boolean => known.some(({ payloadType }) => payloadType === type);
  const taken = offered.filter(({ wraps }) => wraps.length > 0 && wraps.every(isKnown));
  return taken.length === offered.length ? offered : taken;
}

/** A list of events as RFC 4733 §2.4.1 writes it, or else the keys. */
const eventList = (fmtp: string | null): string => (fmtp !== null && /^[\d,-]{1,60}$/.test(fmtp) ? fmtp : '0-15');
