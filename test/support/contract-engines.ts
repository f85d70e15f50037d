import { startEngineOn } from '../../src/cde/media/embedded/embedded-engine.ts';
import { openForkedLink } from '../../src/cde/media/embedded/forked-link.ts';
import { startFreeswitch } from '../../src/cde/media/freeswitch/freeswitch-engine.ts';
import type { KeyWays, LeakKind, MediaEngine, MediaEvents, Press } from '../../src/cde/media/media-engine.ts';
import { startRtpengine } from '../../src/cde/media/rtpengine/rtpengine-engine.ts';
import { systemClock } from '../../src/shared/clock.ts';
import type { EventSocketAddress } from '../../src/shared/event-socket.ts';
import type { CallId } from '../../src/shared/ids.ts';
import type { LegSide } from '../../src/shared/leg-side.ts';
import { startSipServer } from '../../src/sip-server/sip-server.ts';
import { descendants } from './child-processes.ts';
import { freeswitchIsNamed, freeswitchIsProgram, startRealFreeswitch } from './freeswitch-peer.ts';
import { FreeswitchStandIn } from './freeswitch-stand-in.ts';
import { engineOptions } from './media-call.ts';
import { hasRtpengine, type RtpengineDaemon, startRtpengineDaemon } from './rtpengine-daemon.ts';

/** An engine of either kind, with all that it has told. */
export interface ContractEngine {
  readonly engine: MediaEngine;
  readonly presses: Press[];
  readonly lost: { readonly call: CallId; readonly leg: LegSide }[];
  readonly died: CallId[];
  readonly ways: KeyWays[];
  readonly ready: boolean[];
  /** Kills whatever moves the packets. */
  kill(): void;
  /** Has it there again. */
  revive(): Promise<void>;
  stop(): Promise<void>;
}

export interface ContractSettings {
  readonly secureAudio?: 'mute' | 'agentTalks';
  readonly betweenCaptures?: 'pass' | 'drop';
  readonly lossMs?: { readonly first: number; readonly running: number; readonly held: number };
}

export interface EngineKind {
  readonly name: string;
  readonly here: boolean;
  /** What is missing where it is not here. */
  readonly needs: string;
  /** Whether a key is one though none of its end packets arrives. */
  readonly hearsWithoutEnds: boolean;
  /** Whether the tests may kill what moves the packets. */
  readonly mayDie: boolean;
  start(settings?: ContractSettings): Promise<ContractEngine>;
}

function notebook() {
  const told = {
    presses: [] as Press[],
    lost: [] as { call: CallId; leg: LegSide }[],
    died: [] as CallId[],
    ways: [] as KeyWays[],
    ready: [] as boolean[],
    leaks: [] as LeakKind[],
  };
  const events: MediaEvents = {
    pressed: (press) => void told.presses.push(press),
    lost: (call, leg) => void told.lost.push({ call, leg }),
    hears: (_, ways) => void told.ways.push(ways),
    secured: () => undefined,
    leaked: (_, kind) => void told.leaks.push(kind),
    ready: (ready) => void told.ready.push(ready),
    died: (calls) => void told.died.push(...calls),
  };
  return { told, events };
}

const mediaProcesses = (): number[] =>
  descendants(process.pid).flatMap(({ pid, command }) => (command.startsWith('tonelock-media') ? [pid] : []));

export const embedded: EngineKind = {
  name: 'the embedded engine',
  here: true,
  needs: '',
  hearsWithoutEnds: true,
  mayDie: true,
  async start(settings = {}) {
    const { told, events } = notebook();
    const engine = await startEngineOn(openForkedLink, systemClock, engineOptions(settings), events);
    return {
      ...told,
      engine,
      kill: () => mediaProcesses().forEach((pid) => void process.kill(pid, 'SIGKILL')),
      revive: async () => undefined,
      stop: () => engine.close(),
    };
  },
};

export const rtpengine: EngineKind = {
  name: 'rtpengine',
  here: hasRtpengine(),
  needs: 'rtpengine-daemon is not installed',
  hearsWithoutEnds: true,
  mayDie: true,
  async start(settings = {}) {
    const { told, events } = notebook();
    let daemon: RtpengineDaemon = await startRtpengineDaemon();
    const engine = await startRtpengine(rtpengineOptions([daemon], settings), events);
    return {
      ...told,
      engine,
      kill: () => void daemon.child.kill('SIGKILL'),
      async revive() {
        daemon = await daemon.restart();
      },
      async stop() {
        await engine.close();
        await daemon.stop();
      },
    };
  },
};

export const rtpengineOptions = (daemons: readonly RtpengineDaemon[], settings: ContractSettings = {}) => ({
  control: daemons.map(({ control }) => control),
  events: { host: '127.0.0.1', port: 0 },
  sourcePolicy: 'strict' as const,
  lossMs: { first: 30_000, running: 60_000, held: 3_600_000 },
  secureAudio: 'mute' as const,
  betweenCaptures: 'pass' as const,
  ...settings,
});

/** A SIP server for the engine's INVITEs to FreeSWITCH. */
export async function mediaSip() {
  const secret = 'a secret of the media SIP server';
  const server = await startSipServer({
    listen: ['udp/127.0.0.1:0'],
    clients: { host: '127.0.0.1', port: 0 },
    secret,
    observer: { observe: () => undefined },
  });
  return { server, address: { host: '127.0.0.1', port: server.clientPort, secret } };
}

type FreeswitchSettings = ContractSettings & { readonly profile?: string };

export async function freeswitchOn(servers: readonly EventSocketAddress[], settings: FreeswitchSettings = {}) {
  const { told, events } = notebook();
  const sip = await mediaSip();
  const { profile = 'drachtio_mrf', ...changes } = settings;
  const listen = { host: '127.0.0.1', port: 0 };
  const options = {
    servers: servers.map(({ host, port, secret }) => ({ host, port, secret, profile, listen })),
    sip: [sip.address],
    lossMs: { first: 30_000, running: 60_000, held: 3_600_000 },
    secureAudio: 'mute' as const,
    betweenCaptures: 'pass' as const,
    ...changes,
  };
  const engine = await startFreeswitch(options, events).catch(async (error: unknown) => {
    await sip.server.close();
    throw error;
  });
  const stop = async (): Promise<void> => {
    await engine.close();
    await sip.server.close();
  };
  return { ...told, engine, stop };
}

/** A stand-in for FreeSWITCH: see `freeswitch-stand-in.ts`. */
export const freeswitchStandIn: EngineKind = {
  name: 'a stand-in for FreeSWITCH',
  here: true,
  needs: '',
  hearsWithoutEnds: false,
  mayDie: true,
  async start(settings = {}) {
    let server = await FreeswitchStandIn.start();
    const { ports } = server;
    const running = await freeswitchOn([server], settings);
    return {
      ...running,
      kill: () => server.kill(),
      async revive() {
        server = await FreeswitchStandIn.start({ ports });
      },
      async stop() {
        await running.stop();
        server.kill();
      },
    };
  },
};

/** The real one that TONELOCK_TEST_FREESWITCH names. */
export const freeswitch: EngineKind = {
  name: 'a real FreeSWITCH',
  here: freeswitchIsNamed,
  needs: 'TONELOCK_TEST_FREESWITCH does not name one',
  hearsWithoutEnds: false,
  mayDie: freeswitchIsProgram,
  async start(settings = {}) {
    const server = await startRealFreeswitch();
    const running = await freeswitchOn([server], settings).catch(async (error: unknown) => {
      await server.kill();
      throw error;
    });
    return {
      ...running,
      kill: () => void server.kill(),
      revive: () => server.restart(),
      async stop() {
        await running.stop();
        await server.kill();
      },
    };
  },
};

export const contractEngines: readonly EngineKind[] = [embedded, rtpengine, freeswitchStandIn, freeswitch];
