import type { AgentApi } from '../agent/agent-api.ts';
import type { DemoControl } from '../agent/demo-control.ts';
import { everybody } from '../agent/route.ts';
import type { TokenSettings } from '../agent/token-verifier.ts';
import type { Config } from '../config/config-schema.ts';
import type { Secrets } from '../config/secrets.ts';
import { builtFile } from '../shared/built-file.ts';
import { systemClock } from '../shared/clock.ts';
import { Switchboard } from '../telephony/switchboard.ts';
import { TrunkTable } from '../telephony/trunk-table.ts';
import { addresses } from './addresses.ts';
import { busAddress, type Surroundings, surroundings } from './circle.ts';
import { type Core, openCore } from './core.ts';
import { type DemoPlan, demoPlan, startDemoPhones } from './demo-plan.ts';
import { drachtioLinks } from './drachtio-servers.ts';
import { emptied } from './draining.ts';
import { gauges } from './gauges.ts';
import { GivenUp } from './given-up.ts';
import { apiObserver } from './observers.ts';
import { Opened } from './opened.ts';
import { GatewayReadiness } from './readiness.ts';
import { rehearse } from './rehearsal.ts';
import { type SipStack, sipStack } from './sip-stack.ts';
import { underKey } from './start-fault.ts';

const clock = systemClock;

/** How long calls that are ended by us may take to say goodbye. */
const stopGraceMs = 2_000;

export interface Gateway {
  /** Lines for whoever started it: where what is. */
  readonly addresses: readonly string[];
  /** No new calls; resolves when the last one has ended, or after `drainSeconds`, when the rest are ended by us. */
  drain(): Promise<void>;
  /** Ends everything in the reverse order of its start. */
  stop(): Promise<void>;
  /** Calls back, once, when another has taken over what this one had: it has to be started again when its calls are over. */
  onGivenUp(leave: () => void): void;
}

/**
 * Puts the rooms together and starts them, the storage first and the way in last.
 * @throws {StartFault} naming the setting that does not work on this machine; what had started is stopped again.
 */
export async function startGateway(config: Config, secrets: Secrets): Promise<Gateway> {
  const opened = new Opened();
  try {
    return await compose(config, secrets, opened);
  } catch (error) {
    await opened.close();
    throw error;
  }
}

async function compose(config: Config, secrets: Secrets, opened: Opened): Promise<Gateway> {
  const bus = busAddress(config, secrets);
  const links = drachtioLinks(config, secrets);
  const core = await openCore(config, secrets, opened, clock);
  const { telemetry, metrics, logs, registry, desk } = core;
  const demo = demoPlan(config);
  const stack = await sipStack(config, links, telemetry);
  const { switchboard, readiness, admit } = telephony(config, core, demo, stack);
  const trunks = new TrunkTable([...demo.trunks, ...config.trunks]);
  const sip = await stack.open(switchboard, trunks, opened);
  const phones = await startDemoPhones(demo, sip?.listenPoints ?? [], opened);
  const around = surroundings(config, bus, { ...core, clock });
  opened.add(() => around.stop());
  const api = await openApi(config, core, readiness, phones, around);
  opened.add(() => api.close());
  core.events.publishTo(api);
  await around.serve(api);
  gauges(metrics, { ...core, sip, api, around });
  await rehearse(core.settings, clock);
  core.webhooks.start();
  const unknown = (await desk.recover()) + (await core.refunds.recover());
  admit();
  core.takeOver.start();
  const givenUp = new GivenUp(core.book, () => {
    logs.gateway.error({ calls: registry.size }, 'was given up for dead: another gateway has what this one had');
    core.takeOver.stop();
    around.leave();
  });
  logs.gateway.info({ unknown, calls: config.limits.calls }, 'gateway started');
  return {
    addresses: addresses(api, sip, demo),
    drain: async () => {
      readiness.drain();
      logs.gateway.info({ calls: registry.size }, 'draining');
      if (!(await emptied(() => registry.size, config.drainSeconds * 1000, clock)))
        logs.gateway.warn({ calls: registry.size }, 'calls are left at the end of the drain');
    },
    stop: async () => {
      switchboard.endAll('gateway stopping');
      await emptied(() => registry.size, stopGraceMs, clock);
      await opened.close();
      logs.gateway.info('gateway stopped');
    },
    onGivenUp: (leave) => givenUp.tell(leave),
  };
}

/** The back-to-back agent. Until `admit` is called INVITEs get 503: the way in opens before everything behind it stands. */
function telephony(config: Config, core: Core, demo: DemoPlan, stack: SipStack) {
  const { telemetry, room, book, registry, events, voice, desk } = core;
  let admitted = false;
  const switchboard = new Switchboard(
    {
      trunks: [...demo.trunks, ...config.trunks],
      routes: [...demo.routes, ...config.routes],
      limits: config.limits,
      media: room,
      clock,
      registry,
      sink: events,
      ready: () => admitted && room.mediaReady && book.works,
      turnedAway: (why) => telemetry.callTurnedAway(why),
    },
    stack.port,
  );
  const readiness = new GatewayReadiness(
    {
      started: () => admitted,
      sipLinked: stack.connected,
      roomOpen: () => room.open,
      mediaReady: () => room.mediaReady,
      storageWorks: () => book.works,
    },
    () => switchboard.drain(),
  );
  voice.serve(desk, registry, switchboard);
  const admit = (): void => {
    admitted = true;
  };
  return { switchboard, readiness, admit };
}

async function openApi(
  config: Config,
  { desk, refunds, registry, metrics, telemetry }: Core,
  readiness: GatewayReadiness,
  phones: DemoControl | undefined,
  around: Surroundings,
): Promise<AgentApi> {
  const { startAgentApi } = await import('../agent/agent-api.ts');
  return underKey('http.listen', () =>
    startAgentApi({
      listen: config.http.listen,
      allowedOrigins: config.http.allowedOrigins,
      frameAncestors: config.http.frameAncestors,
      panel: {
        audio: config.secureMode.audio,
        sayings: config.panel.sayings,
        searchField: config.payments.searchField,
      },
      tokens: tokenSettings(config),
      limits: { socketsPerAgent: config.limits.socketsPerAgent },
      desk,
      refunds: {
        search: (wanted, actor) => refunds.search(wanted, actor),
        get: (payment, actor) => refunds.get(payment, actor),
        callOf: (payment) => refunds.callOf(payment),
        refund: (payment, amount, actor) => refunds.refund(payment, amount, actor),
        void: (payment, actor) => refunds.void(payment, actor),
        recordRefund: (payment, refund, answer, actor) => refunds.record(payment, refund, answer, actor),
        recordAnswer: (payment, answer, actor) => desk.recordAnswer(payment, answer, actor),
      },
      calls: {
        callsOf: around.callsOf,
        all: () => around.callsOf(everybody),
        find: (call) => registry.viewOf(call),
        mayRead: (call, agent) => registry.mayRead(call, agent),
      },
      readiness,
      metricsText: () => metrics.text(),
      metricSamples: () => metrics.samples(),
      pages: builtFile('pages'),
      ...(phones === undefined ? {} : { demo: phones }),
      observer: apiObserver(telemetry),
      clock,
      audience: around.audience,
      ...(around.neighbours === undefined ? {} : { neighbours: around.neighbours }),
    }),
  );
}

const tokenSettings = (config: Config): TokenSettings =>
  config.agents.jwt !== undefined && config.agents.tokens === 'jwt'
    ? { kind: 'jwt', ...config.agents.jwt }
    : { kind: 'simulated' };
