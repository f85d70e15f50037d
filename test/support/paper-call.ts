import { vi } from 'vitest';
import { ulawTable } from '../../src/cde/dtmf/g711.ts';
import type { KeyCode } from '../../src/cde/dtmf/key-code.ts';
import { CallRelay } from '../../src/cde/media/embedded/call-relay.ts';
import type { Carrier } from '../../src/cde/media/embedded/caller-keys.ts';
import type { RelayOptions } from '../../src/cde/media/embedded/relay-options.ts';
import type { MakeTap } from '../../src/cde/media/embedded/tone-tap.ts';
import type { LeakKind, MediaReport, SecuredInterval } from '../../src/cde/media/media-engine.ts';
import { type PressOptions, pressSchedule, type ScheduledEvent } from './event-schedule.ts';
import { FakeRtpIo } from './fake-rtp-io.ts';
import { keyNames } from './key-names.ts';
import { agentAt, callerAt, legSettings, relayOptions } from './paper-legs.ts';
import type { CapturedPacket } from './rtp-capture.ts';
import { alaw, rtp, ulaw } from './rtp-phone.ts';

const ports = { caller: 20_000, agent: 20_002 };

export interface PaperPress extends PressOptions {
  /** Sends sound after each event packet but the ends, as some telephones do. */
  readonly audioBetween?: boolean;
}

/** One relayed call on a network and a clock of paper: `performance.now` must be faked (vi.useFakeTimers). */
export class PaperCall {
  readonly io = new FakeRtpIo();
  readonly presses: { key: KeyCode; generation: number; at: number; carrier: Carrier }[] = [];
  readonly leaks: LeakKind[] = [];
  relay!: CallRelay;
  callerSsrc = 0x1111;
  #sequence = 100;
  #agentSequence = 700;
  #timestamp = 5000;
  #nextTick = Number.POSITIVE_INFINITY;
  /** Handed to the network last: its memory is looked at after the relay had it. */
  lastDelivered: Buffer = Buffer.alloc(0);

  /** The keys that were reported, in their order. */
  get keyed(): string {
    return this.presses.map(({ key }) => keyNames[key]).join('');
  }

  /** `agentEvent` is the agent's payload type for events, null for none; `ringing`: the agent leg is not described yet. */
  static async open(
    changes: Partial<RelayOptions> = {},
    agentEvent: number | null | 'ringing' = 120,
    makeTap?: MakeTap,
  ): Promise<PaperCall> {
    const call = new PaperCall();
    call.relay = await CallRelay.open(
      call.io,
      ports,
      { ...relayOptions, ...changes },
      {
        pressed: (key, generation, at, carrier) => void call.presses.push({ key, generation, at, carrier }),
        wake: () => {
          call.#nextTick = performance.now();
        },
        settled: () => undefined,
        leaked: (kind) => void call.leaks.push(kind),
      },
      makeTap,
    );
    call.relay.configure('caller', legSettings(callerAt, 101), performance.now());
    if (agentEvent !== 'ringing') {
      call.relay.configure('agent', legSettings(agentAt, agentEvent), performance.now());
    }
    return call;
  }

  get toAgent(): CapturedPacket[] {
    return this.io.rtp.get(ports.agent) ?? [];
  }

  get toCaller(): CapturedPacket[] {
    return this.io.rtp.get(ports.caller) ?? [];
  }

  /** telephone-event packets that the agent got. */
  get agentEvents(): CapturedPacket[] {
    return this.toAgent.filter(({ payload }) => payload.length === 4);
  }

  /** Packets to the agent, sent from `from` on, that are not silence. */
  sounding(from: number): CapturedPacket[] {
    return this.toAgent.filter(({ at, payload }) => at >= from && payload.some((byte) => byte !== 0xff));
  }

  secure(generation = 1): void {
    this.relay.secure(generation, performance.now());
  }

  release(): Promise<SecuredInterval> {
    return this.relay.release(performance.now());
  }

  close(): MediaReport {
    return this.end().report;
  }

  /** As {@link close}, with the counts of the lock that ended with the call. */
  end(): ReturnType<CallRelay['close']> {
    return this.relay.close(performance.now(), Date.now());
  }

  /** Lets time pass; with `talks`, the caller sends a packet of sound every 20 ms. */
  pass(ms: number, talks = true): void {
    const end = performance.now() + ms;
    for (let next = performance.now(); next < end; next += 1) {
      if (talks && Math.round(next) % 20 === 0) this.sound();
      this.#timestamp += 8;
      this.#step();
    }
  }

  sound(payload = Buffer.alloc(160, 0x22), type = 0): void {
    this.deliver(rtp(type, false, this.#sequence++, this.#timestamp, this.callerSsrc, payload));
  }

  /** The caller sends this sound in packets of 20 ms; packets that are named by number get lost. */
  play(samples: Int16Array, lost: readonly number[] = [], law: 'PCMU' | 'PCMA' = 'PCMU'): void {
    const [encode, type] = law === 'PCMU' ? [ulaw, 0] : [alaw, 8];
    for (let at = 0; at + 160 <= samples.length; at += 160) {
      this.pass(20, false);
      if (lost.includes(at / 160)) this.skipSound();
      else this.sound(Buffer.from(Array.from(samples.subarray(at, at + 160), encode)), type);
    }
  }

  /** What the agent heard from `from` on, in the order of the stream's own time; gaps are silence. */
  agentHeard(from = 0): Int16Array {
    const packets = this.toAgent.filter(({ at, payload }) => at >= from && payload.length > 4);
    const first = packets[0]?.timestamp ?? 0;
    const end = Math.max(0, ...packets.map(({ timestamp, payload }) => ((timestamp - first) | 0) + payload.length));
    const heard = new Int16Array(end);
    for (const { timestamp, payload } of packets) {
      const offset = (timestamp - first) | 0;
      for (const [n, byte] of payload.entries()) if (offset + n >= 0) heard[offset + n] = ulawTable[byte] ?? 0;
    }
    return heard;
  }

  /** A packet of the caller's that the network loses. */
  skipSound(): void {
    this.#sequence += 1;
  }

  agentSays(payload = Buffer.alloc(160, 0x33), type = 0): void {
    this.io.deliver(ports.agent, rtp(type, false, this.#agentSequence++, this.#timestamp, 0x2222, payload), agentAt);
  }

  deliver(packet: Buffer, from = callerAt): void {
    this.lastDelivered = packet;
    this.io.deliver(ports.caller, packet, from);
  }

  /** The packets of a press, each with the time that it takes before the next. */
  press(key: number, options: PaperPress = {}, part: (event: ScheduledEvent, i: number) => boolean = () => true): void {
    const base = this.#timestamp;
    let at = 0;
    for (const [i, event] of pressSchedule(options).entries()) {
      this.pass(event.atMs - at, false);
      at = event.atMs;
      const sequence = this.#sequence++;
      if (part(event, i)) this.deliver(eventPacket(key, event, sequence, base, this.callerSsrc));
      if (options.audioBetween === true && !event.end) this.sound();
    }
  }

  /** Like {@link press}, but without time: the packets, to be handed in when the test wants. */
  packetsOf(key: number, options: PressOptions = {}): Buffer[] {
    const base = this.#timestamp;
    return pressSchedule(options).map((event) => eventPacket(key, event, this.#sequence++, base, this.callerSsrc));
  }

  #step(): void {
    vi.advanceTimersByTime(1);
    const now = performance.now();
    if (this.#nextTick <= now) this.#nextTick = this.relay.tick(now);
  }
}

function eventPacket(key: number, event: ScheduledEvent, sequence: number, base: number, ssrc: number): Buffer {
  const payload = Buffer.from([key, event.end ? 0x8a : 0x0a, event.duration >> 8, event.duration & 0xff]);
  return rtp(101, event.marker, sequence, base + event.timestampOffset, ssrc, payload);
}
