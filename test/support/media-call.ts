import { startEngineOn } from '../../src/cde/media/embedded/embedded-engine.ts';
import type { EmbeddedEngineOptions } from '../../src/cde/media/embedded/engine-options.ts';
import type { OpenLink } from '../../src/cde/media/embedded/media-link.ts';
import type { KeyWays, LeakKind, MediaEngine, Press, SecuredInterval } from '../../src/cde/media/media-engine.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { type CallId, newCallId } from '../../src/shared/ids.ts';
import type { LegSide } from '../../src/shared/leg-side.ts';
import { openLocalLink } from './local-media-link.ts';
import { RtpPhone, type RtpPhoneOptions } from './rtp-phone.ts';

export const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** Ports for one test: a range of its own, below the system's ephemeral ones. */
export function somePorts(): readonly [number, number] {
  const first = 10_000 + 2 * Math.floor(Math.random() * 10_000);
  return [first, first + 399];
}

export const engineOptions = (changes: Partial<EmbeddedEngineOptions> = {}): EmbeddedEngineOptions => ({
  io: 'auto',
  address: '127.0.0.1',
  advertisedAddress: null,
  ports: somePorts(),
  sourcePolicy: 'strict',
  lossMs: { first: 30_000, running: 60_000, held: 3_600_000 },
  portQuarantineMs: 1000,
  srtp: { caller: 'refuse', agent: 'refuse' },
  secureAudio: 'mute',
  betweenCaptures: 'pass',
  lookBackMs: 0,
  fill: 'silence',
  ...changes,
});

export interface Watched {
  readonly engine: MediaEngine;
  readonly presses: Press[];
  readonly lost: { call: CallId; leg: LegSide }[];
  readonly died: CallId[];
  readonly ready: boolean[];
  readonly ways: KeyWays[];
  readonly intervals: SecuredInterval[];
  readonly leaks: LeakKind[];
}

/** An engine whose events are written down. */
export async function watchedEngine(
  changes: Partial<EmbeddedEngineOptions> = {},
  openLink: OpenLink = openLocalLink,
): Promise<Watched> {
  const watched: Omit<Watched, 'engine'> = {
    presses: [],
    lost: [],
    died: [],
    ways: [],
    intervals: [],
    leaks: [],
    ready: [],
  };
  const engine = await startEngineOn(openLink, systemClock, engineOptions(changes), {
    pressed: (press) => void watched.presses.push(press),
    lost: (call, leg) => void watched.lost.push({ call, leg }),
    hears: (_, ways) => void watched.ways.push(ways),
    secured: (_, interval) => void watched.intervals.push(interval),
    leaked: (_, kind) => void watched.leaks.push(kind),
    ready: (ready) => void watched.ready.push(ready),
    died: (calls) => void watched.died.push(...calls),
  });
  return { engine, ...watched };
}

export interface MediaCall {
  readonly id: CallId;
  readonly caller: RtpPhone;
  readonly agent: RtpPhone;
  hangUp(): Promise<void>;
}

/** A call in which the caller offered, the agent answered, and both know where to send. */
export async function mediaCall(
  engine: MediaEngine,
  callerOptions: RtpPhoneOptions = {},
  agentOptions: RtpPhoneOptions = {},
): Promise<MediaCall> {
  const id = newCallId();
  const [caller, agent] = await Promise.all([RtpPhone.open(callerOptions), RtpPhone.open(agentOptions)]);
  await engine.createCall(id);
  await engine.acceptOffer(id, 'caller', caller.sdp());
  agent.follow(await engine.describeOffer(id, 'agent'));
  await engine.acceptAnswer(id, 'agent', agent.sdp());
  caller.follow(await engine.describeAnswer(id, 'caller'));
  const hangUp = async (): Promise<void> => {
    await engine.endCall(id);
    await Promise.all([caller.close(), agent.close()]);
  };
  return { id, caller, agent, hangUp };
}
