import { randomBytes } from 'node:crypto';
import type { AgentApi } from '../agent/agent-api.ts';
import type { Audience } from '../agent/audience.ts';
import type { Elsewhere } from '../agent/elsewhere.ts';
import { LocalAudience } from '../agent/local-audience.ts';
import { covers } from '../agent/owned.ts';
import type { TicketShelves } from '../agent/panel-tickets.ts';
import { everybody } from '../agent/route.ts';
import type { WebhookDesk } from '../agent/webhooks/webhook-desk.ts';
import type { Config } from '../config/config-schema.ts';
import { redisUrlFault } from '../config/redis-url.ts';
import type { Secrets } from '../config/secrets.ts';
import { GatewayCircle } from '../gateways/gateway-circle.ts';
import { OwnCalls } from '../gateways/own-calls.ts';
import { RedisBus } from '../gateways/redis/redis-bus.ts';
import type { JournalBook } from '../ledger/journal-book.ts';
import type { Telemetry } from '../observability/telemetry.ts';
import type { SessionDesk } from '../payment/session-desk.ts';
import type { Clock } from '../shared/clock.ts';
import { CodedError } from '../shared/coded-error.ts';
import { asCallId } from '../shared/ids.ts';
import type { CallRegistry } from '../telephony/call-registry.ts';
import type { CallView } from '../telephony/call-view.ts';
import { StartFault } from './start-fault.ts';

const gatewayNameBytes = 6;

/** What of the API depends on whether there are other gateways. */
export interface Surroundings {
  readonly audience: Audience;
  readonly neighbours?: { readonly elsewhere: Elsewhere; readonly shelves: TicketShelves };
  readonly callsOf: (scope: string) => Promise<CallView[]> | CallView[];
  /** Gateways that are known to live, this one included; 0 while nobody can say. */
  readonly alive: () => number;
  /** Begins to talk to the others, now that requests can be answered; resolves when they know this gateway, or soon. */
  serve(api: AgentApi): Promise<void>;
  /** Another gateway has what this one had: sessions end, and nothing more is told as one of them. */
  leave(): void;
  stop(): Promise<void>;
}

export interface SurroundingsParts {
  readonly registry: CallRegistry;
  readonly desk: SessionDesk;
  readonly webhooks: WebhookDesk;
  /** Takes over what the gateway of a chain has left open in the storage. */
  readonly takeOver?: { of(chain: string): Promise<boolean> };
  readonly book: Pick<JournalBook, 'prove'>;
  readonly telemetry: Telemetry;
  readonly clock: Clock;
}

/**
 * Where the bus between gateways is; undefined for a gateway that stands alone.
 * @throws {StartFault} where the bus has no address, or one that would let anybody command payments.
 */
export function busAddress({ events }: Config, { redisUrl }: Secrets): string | undefined {
  if (events.kind !== 'redis') return undefined;
  const wrong = redisUrlFault(redisUrl);
  if (wrong !== undefined) throw new StartFault('events.kind', wrong);
  return redisUrl;
}

/** One gateway by itself, or one of several over a bus. */
export function surroundings(config: Config, bus: string | undefined, parts: SurroundingsParts): Surroundings {
  return bus === undefined ? alone(parts) : amongOthers(config, bus, parts);
}

function alone({ registry, desk, telemetry, clock }: SurroundingsParts): Surroundings {
  const callsOf = (scope: string): CallView[] => registry.views(scope === everybody ? undefined : scope);
  const audience = new LocalAudience(
    clock,
    (what) => telemetry.apiFault(what, 'kept-back', []),
    (scope) => {
      const calls = callsOf(scope);
      const open = calls.flatMap(({ callId }) => desk.ofCall(asCallId(callId)) ?? []);
      return { calls, sessions: [...open, ...desk.awaited().filter(({ agent }) => covers(scope, agent))] };
    },
  );
  const leave = (): void => {
    for (const { callId } of registry.views()) desk.mediaLost(asCallId(callId));
  };
  return { audience, callsOf, alive: () => 1, serve: async () => undefined, leave, stop: async () => undefined };
}

function amongOthers(config: Config, url: string, parts: SurroundingsParts): Surroundings {
  const { registry, desk, webhooks, takeOver, book, telemetry, clock } = parts;
  const { chain } = config.storage;
  // Another name after each start: what the former process had is not this one's.
  const gateway = `${chain}.${randomBytes(gatewayNameBytes).toString('hex')}`;
  let api: AgentApi | undefined;
  const circle = new GatewayCircle({
    bus: new RedisBus({ url, gateway, chain, clock }),
    own: new OwnCalls({
      gateway,
      calls: () => registry.views(),
      call: (callId) => registry.liveView(callId),
      sessionOf: (callId) => desk.ofCall(asCallId(callId)),
      awaited: () => desk.awaited(),
    }),
    chain,
    leaseMs: config.events.leaseSeconds * 1000,
    clock,
    perform: async (request) => {
      if (api === undefined) throw new CodedError('overloaded');
      return await api.perform(request);
    },
    inherit: async (of) => (await takeOver?.of(of)) ?? true,
    mayReturn: () => book.prove(),
    mediaLost: (callId) => desk.mediaLost(asCallId(callId)),
    toldFor: (event, about) => webhooks.publish(event, about),
    keptBack: (what) => telemetry.apiFault(what, 'kept-back', []),
    observe: (word) => telemetry.amongGateways(word),
  });
  return {
    audience: circle.audience,
    neighbours: { elsewhere: circle.neighbours, shelves: { tickets: circle.shelf, tokens: circle.shelf } },
    callsOf: (scope) => circle.audience.callsOf(scope),
    alive: () => circle.alive,
    serve: async (served) => {
      api = served;
      await circle.start();
    },
    leave: () => circle.leave(),
    stop: () => circle.stop(),
  };
}
