import { KnownOf } from '../../../shared/known-of.ts';
import type { LegSettings } from '../offer-answer/leg-settings.ts';
import type { Law } from './comfort-fill.ts';
import { alawToUlaw, ulawToAlaw } from './g711-laws.ts';

interface Route {
  readonly type: number;
  readonly clockRate: number;
  readonly isEvent: boolean;
  readonly isRedundant: boolean;
  readonly target: number;
  readonly table: Uint8Array | undefined;
  readonly law: Law | null | undefined;
}

/** What the payload types of a leg are, and how each leaves by the other leg. */
export class PayloadRoutes {
  /** What {@link find} found last: the clock rate, whether it is an event, the type on the other leg (−1 for none). */
  clockRate = 0;
  isEvent = false;
  /** It wraps payloads of other types (RFC 2198). */
  isRedundant = false;
  target = -1;
  /** Between the laws of G.711: code words of the one to code words of the other. */
  table: Uint8Array | undefined;
  /** Which law of G.711 it is; null for comfort noise, undefined for any other codec. */
  law: Law | null | undefined;
  #type = -1;
  readonly #routes: readonly Route[];

  constructor(from: LegSettings, other: LegSettings | undefined) {
    this.#routes = routesOf(from, other);
  }

  /** Looks a type up. A telephone stays with one for long, so the last is at hand. @returns false when it was not agreed to. */
  find(type: number): boolean {
    if (type !== this.#type) this.#look(type);
    return this.clockRate !== 0;
  }

  #look(type: number): void {
    const route = this.#routes.find((known) => known.type === type);
    this.#type = type;
    this.clockRate = route?.clockRate ?? 0;
    this.isEvent = route?.isEvent ?? false;
    this.isRedundant = route?.isRedundant ?? false;
    this.target = route?.target ?? -1;
    this.table = route?.table;
    this.law = route?.law;
  }
}

/** Routes between two legs, by lists that are the same objects in most calls (`leg-order.ts`). */
const known = new KnownOf<readonly Route[]>();

const routesOf = (from: LegSettings, other: LegSettings | undefined): readonly Route[] =>
  known.from([from.codecs, from.events, from.redundant, other?.codecs, other?.events], () => [
    ...audioRoutes(from, other),
    ...eventRoutes(from, other),
    ...redundantRoutes(from),
  ]);

const nothing: Route = {
  type: -1,
  clockRate: 0,
  isEvent: false,
  isRedundant: false,
  target: -1,
  table: undefined,
  law: undefined,
};

const redundantRoutes = ({ redundant }: LegSettings): Route[] =>
  redundant.map(({ receive, clockRate }) => ({ ...nothing, type: receive, clockRate, isRedundant: true }));

function audioRoutes(from: LegSettings, other: LegSettings | undefined): Route[] {
  return from.codecs.flatMap((codec) => {
    if (codec.receive === null) return [];
    const same = other?.codecs.find(({ name, send }) => name === codec.name && send !== null);
    const law = same ?? other?.codecs.find(({ silence, send }) => send !== null && otherLaw(codec.silence) === silence);
    const table = same !== undefined || law === undefined ? undefined : tableFrom(codec.silence);
    const { receive: type, clockRate } = codec;
    const route = { ...nothing, type, clockRate, target: law?.send ?? -1, table, law: lawOf(codec.silence) };
    return [route];
  });
}

function eventRoutes(from: LegSettings, other: LegSettings | undefined): Route[] {
  return from.events.flatMap(({ receive, clockRate }) => {
    if (receive === null) return [];
    const same = other?.events.find((event) => event.clockRate === clockRate && event.send !== null);
    return [{ ...nothing, type: receive, clockRate, isEvent: true, target: same?.send ?? -1 }];
  });
}

const otherLaw = (silence: string | null): string | undefined =>
  silence === 'PCMU' ? 'PCMA' : silence === 'PCMA' ? 'PCMU' : undefined;

const lawOf = (silence: string | null): Law | null | undefined =>
  silence === null || silence === 'PCMU' || silence === 'PCMA' ? silence : undefined;

const tableFrom = (silence: string | null): Uint8Array => (silence === 'PCMU' ? ulawToAlaw : alawToUlaw);
