import type { ForwardedAnswer, ForwardedRequest } from '../../src/agent/elsewhere.ts';
import type { AgentEvent } from '../../src/agent/frame.ts';
import { type CircleWord, GatewayCircle } from '../../src/gateways/gateway-circle.ts';
import { OwnCalls } from '../../src/gateways/own-calls.ts';
import type { SessionView } from '../../src/payment/session-view.ts';
import type { CallView } from '../../src/telephony/call-view.ts';
import type { FakeClock } from './fake-clock.ts';
import type { MemoryBus, MemoryHub } from './memory-bus.ts';
import { sampleCall } from './sample-session.ts';

export const leaseMs = 6_000;

/** A gateway of a test: its circle, over a bus in memory, and calls that the test puts in and takes out. */
export class BenchGateway {
  readonly bus: MemoryBus;
  readonly circle: GatewayCircle;
  readonly name: string;
  readonly calls = new Map<string, CallView>();
  readonly sessions = new Map<string, SessionView>();
  readonly words: CircleWord[] = [];
  readonly mediaLost: string[] = [];
  readonly inherited: string[] = [];
  /** So often the storage says first that the other is alive. */
  refusals = 0;
  readonly toldFor: string[] = [];
  readonly keptBack: string[] = [];
  mayReturn = true;
  awaited: SessionView[] = [];
  perform: (request: ForwardedRequest) => Promise<ForwardedAnswer> = async () => ({
    ...{ status: 200, mediaType: 'application/json', body: '{}', replayed: false },
  });

  constructor(hub: MemoryHub, clock: FakeClock, chain: string, start: number) {
    this.name = `${chain}.${start}`;
    this.bus = hub.bus(this.name, chain);
    this.circle = new GatewayCircle({
      ...{ bus: this.bus, chain, leaseMs, clock },
      own: new OwnCalls({
        gateway: this.name,
        calls: () => [...this.calls.values()],
        call: (callId) => this.calls.get(callId),
        sessionOf: (callId) => this.sessions.get(callId),
        awaited: () => this.awaited,
      }),
      perform: (request) => this.perform(request),
      mayReturn: async () => this.mayReturn,
      inherit: async (of) => this.inherited.push(of) > this.refusals,
      mediaLost: (callId) => this.mediaLost.push(callId),
      toldFor: (event, about) => this.toldFor.push(`${event.type} ${about.callId}`),
      keptBack: (what) => this.keptBack.push(what),
      observe: (word) => this.words.push(word),
    });
  }

  start(): this {
    void this.circle.start();
    return this;
  }

  begin(callId: string, agent: string): void {
    const call = { ...sampleCall, callId, agent };
    this.calls.set(callId, call);
    this.tell(agent, callId, { type: 'call.started', agent, direction: call.direction, call });
  }

  end(callId: string): void {
    const call = this.calls.get(callId);
    if (call === undefined) return;
    this.calls.delete(callId);
    const { agent, direction } = call;
    const over = { by: 'caller', reason: 'BYE', media: null } as const;
    this.tell(agent, callId, { type: 'call.ended', agent, direction, call: { ...call, state: 'ended' }, ...over });
  }

  digits(callId: string, digits: number): void {
    const agent = this.calls.get(callId)?.agent;
    if (agent === undefined) return;
    this.tell(agent, callId, { type: 'capture.progress', field: 'pan', digits, mask: '*'.repeat(digits) });
  }

  tell(agent: string, callId: string, event: AgentEvent): void {
    this.circle.audience.publish([agent], event, { callId, sessionId: null });
  }

  /** As kill -9: nothing is said, nothing is given back. */
  kill(): void {
    this.bus.cut();
    this.bus.listener = undefined;
    void this.circle.stop();
  }
}

interface Seen {
  readonly seq: number;
  readonly type: string;
  readonly callId?: string;
  readonly digits?: number;
  readonly calls?: readonly { readonly callId: string }[];
}

/** An agent's desktop that believes what it is told, and complains of a number left out. */
export class BenchFollower {
  readonly frames: Seen[] = [];
  readonly calls = new Set<string>();
  /** Numbers that were left out. */
  readonly faults: string[] = [];
  seq = -1;
  readonly #gateway: BenchGateway;
  readonly #scope: string;

  private constructor(gateway: BenchGateway, scope: string) {
    this.#gateway = gateway;
    this.#scope = scope;
  }

  static async follow(gateway: BenchGateway, scope: string): Promise<BenchFollower> {
    const follower = new BenchFollower(gateway, scope);
    const feed = await gateway.circle.audience.follow(scope, follower);
    follower.#read(gateway.circle.audience.snapshot(scope, feed.seq));
    return follower;
  }

  async resume(after: number): Promise<Seen[] | undefined> {
    const feed = await this.#gateway.circle.audience.follow(this.#scope, this);
    return feed.after(after)?.map((frame) => JSON.parse(frame) as Seen);
  }

  deliver(frame: string): void {
    this.#read(frame);
  }

  refresh(): void {
    if (this.seq < 0) return;
    const { audience } = this.#gateway.circle;
    void audience.follow(this.#scope, this).then(({ seq }) => this.#read(audience.snapshot(this.#scope, seq)));
  }

  leave(): void {
    this.#gateway.circle.audience.unfollow(this.#scope, this);
  }

  types(): string[] {
    return this.frames.map(({ type }) => type);
  }

  #read(text: string | undefined): void {
    if (text === undefined) throw new Error('a state could not be written');
    const frame = JSON.parse(text) as Seen;
    if (frame.type === 'snapshot') {
      this.calls.clear();
      for (const { callId } of frame.calls ?? []) this.calls.add(callId);
    } else {
      if (this.seq < 0) return;
      if (frame.seq <= this.seq) return;
      if (frame.seq !== this.seq + 1) this.faults.push(`number ${frame.seq} after ${this.seq}`);
      if (frame.type === 'call.ended') this.calls.delete(String(frame.callId));
      else this.calls.add(String(frame.callId));
    }
    this.seq = frame.seq;
    this.frames.push(frame);
  }
}
