import type { Clock } from '../shared/clock.ts';
import { type CallId, newCallId } from '../shared/ids.ts';
import type { SrtpWishes } from '../shared/srtp-policy.ts';
import { Admission, type Refused } from './admission.ts';
import { Call } from './call.ts';
import type { CallPorts, CallSink } from './call-ports.ts';
import type { CallRegistry } from './call-registry.ts';
import type { MediaPlane } from './media-plane.ts';
import type { Consultation } from './referral.ts';
import { parseReplaces } from './replaces.ts';
import { type Route, type Routing, routeCall } from './route-table.ts';
import type { IncomingInvite, SipArrivals, SipPort, SipSource } from './sip-port.ts';
import { legOf, type Trunk, TrunkTable } from './trunk-table.ts';

/** Seconds after which a trunk may try again when we are full or going away. */
const retryAfter = { 'Retry-After': '5' };

export type TurnedAway = Refused | 'unknown-source' | 'no-route' | 'too-many-hops' | 'not-ready' | 'replaces';

export interface SwitchboardOptions {
  readonly trunks: readonly Trunk[];
  readonly routes: readonly Route[];
  readonly limits: { readonly calls: number; readonly callsPerSecond: number };
  readonly media: MediaPlane;
  readonly clock: Clock;
  readonly registry: CallRegistry;
  readonly sink: CallSink;
  /** False while something that a call needs is missing. */
  ready(): boolean;
  turnedAway(why: TurnedAway): void;
}

/** Takes every INVITE that comes from outside, decides whether and where it goes on, and makes a call of it. */
export class Switchboard implements SipArrivals {
  readonly #options: SwitchboardOptions;
  readonly #trunks: TrunkTable;
  readonly #admission: Admission;
  readonly #callPorts: CallPorts;

  constructor(options: SwitchboardOptions, sip: SipPort) {
    this.#options = options;
    this.#trunks = new TrunkTable(options.trunks);
    this.#admission = new Admission(options.limits, options.clock);
    this.#callPorts = {
      media: options.media,
      sip,
      clock: options.clock,
      sink: options.sink,
      routeToAgent: (user) => this.#routeToAgent(user),
      consultation: (replaces, except) => this.#consultation(replaces, except),
    };
  }

  invite(invite: IncomingInvite): void {
    const trunk = this.#trunks.find(invite.source);
    if (trunk === undefined) return this.#turnAway(invite, 403, 'unknown-source');
    // RFC 3261 §16.3 item 3: a call that comes round again through a loop of routes ends here.
    if (invite.maxForwards <= 0) return this.#turnAway(invite, 483, 'too-many-hops');
    if (invite.replaces !== null) return this.#replace(invite, invite.replaces, trunk);
    if (!this.#options.ready()) return this.#turnAway(invite, 503, 'not-ready');
    const routing = routeCall(this.#options.routes, trunk.name, invite);
    if (routing === undefined) return this.#turnAway(invite, 404, 'no-route');
    const refused = this.#admission.ask(this.#options.registry.size);
    if (refused !== undefined) return this.#turnAway(invite, 503, refused);
    const id = newCallId();
    const originSide = legOf(trunk);
    // The call's id goes to the agent's side only, where panels and CRMs want it; the outside learns nothing.
    const agentHeaders = { 'X-Tonelock-Call': id, ...invite.handedOn };
    const headers = originSide === 'caller' ? agentHeaders : invite.handedOn;
    const call = new Call(
      {
        id,
        agent: routing.agent,
        originSide,
        uri: routing.uri,
        srtp: this.#srtpOf(trunk, routing),
        headers: { 'Max-Forwards': String(invite.maxForwards - 1), ...headers },
        agentHeaders,
      },
      invite,
      this.#callPorts,
    );
    this.#options.registry.add(call);
    call.start();
  }

  options(source: SipSource): number {
    if (this.#trunks.find(source) === undefined) return 403;
    return this.#admission.draining || !this.#options.ready() ? 503 : 200;
  }

  /** No new calls from here on; those that run go on. */
  drain(): void {
    this.#admission.drain();
  }

  /** Ends every call that is left. */
  endAll(reason: string): void {
    for (const call of this.#options.registry.all()) call.end(reason);
  }

  /** Agents are reached by the routes of the customers' trunks: a transfer goes where a call to that number would. */
  #routeToAgent(user: string): Routing | undefined {
    const { trunks, routes } = this.#options;
    const trunk = trunks.find((candidate) => candidate.side === 'customer');
    return trunk === undefined ? undefined : routeCall(routes, trunk.name, { user, fromUser: user });
  }

  #srtpOf(trunk: Trunk, { uri, srtp }: Routing): SrtpWishes {
    const far = trunk.side === 'customer' ? 'agent' : 'customer';
    const target = srtp ?? this.#trunks.reachedBy(uri, far)?.srtp;
    const sides = { customer: 'caller', agent: 'agent' } as const;
    return {
      ...(trunk.srtp && { [sides[trunk.side]]: trunk.srtp }),
      ...(target && { [sides[far]]: target }),
    };
  }

  /**
   * RFC 3891 §3: a dialog that is not there is a 481, never a new call. Only those take a leg over who could have been that
   * leg: an agent's trunk an agent's, a customers' trunk a customer's.
   */
  #replace(invite: IncomingInvite, value: string, trunk: Trunk): void {
    const replaces = parseReplaces(value);
    if (replaces === undefined) return this.#turnAway(invite, 400, 'replaces');
    for (const call of this.#options.registry.all()) {
      const side = call.legNamed(replaces);
      if (side === undefined) continue;
      if (side !== legOf(trunk)) return this.#turnAway(invite, 603, 'replaces');
      if (replaces.earlyOnly) return this.#turnAway(invite, 486, 'replaces');
      return call.replaceLeg(side, invite, this.#agentOf(trunk, invite));
    }
    this.#turnAway(invite, 481, 'replaces');
  }

  /** The agent who calls from this trunk, as its routes name agents who call out. */
  #agentOf(trunk: Trunk, invite: IncomingInvite): string {
    return routeCall(this.#options.routes, trunk.name, invite)?.agent ?? invite.fromUser;
  }

  #consultation(value: string, except?: CallId): Consultation | undefined {
    const replaces = parseReplaces(value);
    if (replaces === undefined) return undefined;
    for (const call of this.#options.registry.all()) {
      const found = call.id === except ? undefined : call.consultation(replaces);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #turnAway(invite: IncomingInvite, status: number, why: TurnedAway): void {
    this.#options.turnedAway(why);
    invite.reject(status, status === 503 ? retryAfter : undefined);
  }
}
