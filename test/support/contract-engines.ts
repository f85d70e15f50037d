import { startEngineOn } from '../../src/cde/media/embedded/embedded-engine.ts';
import { openForkedLink } from '../../src/cde/media/embedded/forked-link.ts';
import type { KeyWays, LeakKind, MediaEngine, MediaEvents, Press } from '../../src/cde/media/media-engine.ts';
import { startRtpengine } from '../../src/cde/media/rtpengine/rtpengine-engine.ts';
import { systemClock } from '../../src/shared/clock.ts';
import type { CallId } from '../../src/shared/ids.ts';
import type { LegSide } from '../../src/shared/leg-side.ts';
import { descendants } from './child-processes.ts';
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

export const contractEngines: readonly EngineKind[] = [embedded, rtpengine];
