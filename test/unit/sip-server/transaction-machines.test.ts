import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { startAnswer, stepAnswer } from '../../../src/sip-server/dialog/answer-machine.ts';
import { startInviteClient, stepInviteClient } from '../../../src/sip-server/transaction/invite-client.ts';
import { startInviteServer, stepInviteServer } from '../../../src/sip-server/transaction/invite-server.ts';
import { startNonInviteClient, stepNonInviteClient } from '../../../src/sip-server/transaction/non-invite-client.ts';
import { startNonInviteServer, stepNonInviteServer } from '../../../src/sip-server/transaction/non-invite-server.ts';

interface AnyState {
  readonly name: string;
}
type AnyEvent = { readonly kind: string; readonly class?: string; readonly timer?: string };
type AnyEffect = { readonly kind: string; readonly timer?: string; readonly ms?: number; readonly what?: string };
interface AnyStep {
  readonly state: AnyState;
  readonly effects: readonly AnyEffect[];
}

/** A machine with a clock of its own: what it did, and when. */
class Run {
  now = 0;
  state: AnyState = { name: 'none' };
  readonly timers = new Map<string, number>();
  readonly done: [at: number, what: string][] = [];
  readonly #step: (state: never, event: never) => AnyStep | undefined;

  constructor(start: AnyStep, step: (state: never, event: never) => AnyStep | undefined) {
    this.#step = step;
    this.#take(start);
  }

  feed(event: AnyEvent): boolean {
    const step = this.#step(this.state as never, event as never);
    if (step !== undefined) this.#take(step);
    return step !== undefined;
  }

  /** Lets time pass, firing what is due. */
  pass(ms: number): void {
    const end = this.now + ms;
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      const [timer, at] = next;
      this.now = at;
      this.timers.delete(timer);
      this.feed({ kind: 'timer', timer });
    }
    this.now = end;
  }

  times(what: string): readonly number[] {
    return this.done.filter(([, done]) => done === what).map(([at]) => at);
  }

  #next(end: number): [string, number] | undefined {
    return [...this.timers].filter(([, at]) => at <= end).sort((a, b) => a[1] - b[1])[0];
  }

  #take({ state, effects }: AnyStep): void {
    this.state = state;
    if (state.name === 'terminated') this.timers.clear();
    for (const effect of effects) {
      if (effect.kind === 'start-timer') this.timers.set(effect.timer ?? '', this.now + (effect.ms ?? 0));
      else if (effect.kind === 'stop-timer') this.timers.delete(effect.timer ?? '');
      else this.done.push([this.now, effect.what ?? effect.kind]);
    }
  }
}

const inviteClient = (reliable: boolean) => new Run(startInviteClient(reliable, 180_000), stepInviteClient);
const nonInviteClient = (reliable: boolean) => new Run(startNonInviteClient(reliable), stepNonInviteClient);
const inviteServer = (reliable: boolean) => new Run(startInviteServer(reliable, 64_000, 180_000), stepInviteServer);
const nonInviteServer = (reliable: boolean) => new Run(startNonInviteServer(reliable), stepNonInviteServer);

const answered = (kind: string) => ({ kind: 'response', class: kind });
const respond = (kind: string) => ({ kind: 'respond', class: kind });

describe('the INVITE client transaction (RFC 3261 §17.1.1, RFC 6026 §7.2)', () => {
  it('repeats the INVITE at doubling intervals and gives up after 32 s (timers A and B)', () => {
    const run = inviteClient(false);
    run.pass(60_000);
    expect(run.times('send-request')).toEqual([0, 500, 1_500, 3_500, 7_500, 15_500, 31_500]);
    expect(run.times('timeout')).toEqual([32_000]);
  });

  it('sends once over a reliable transport', () => {
    const run = inviteClient(true);
    run.pass(60_000);
    expect(run.times('send-request')).toEqual([0]);
  });

  it('stops repeating once it rings, and reports ringing without end (timer C)', () => {
    const run = inviteClient(false);
    run.feed(answered('provisional'));
    run.pass(100_000);
    run.feed(answered('provisional'));
    run.pass(300_000);
    expect(run.times('send-request')).toEqual([0]);
    expect(run.times('rings-too-long')).toEqual([280_000]);
    expect(run.times('timeout')).toEqual([312_000]);
  });

  it('acknowledges a refusal whenever it comes, passes it up once, and stays 32 s (timer D)', () => {
    const run = inviteClient(false);
    run.feed(answered('failure'));
    run.feed(answered('failure'));
    expect([run.times('send-ack').length, run.times('deliver').length]).toEqual([2, 1]);
    run.pass(31_999);
    expect(run.state.name).toBe('completed');
    run.pass(1);
    expect(run.state.name).toBe('terminated');
  });

  it('passes every 2xx up for 64·T1 and acknowledges none itself (timer M)', () => {
    const run = inviteClient(false);
    run.feed(answered('success'));
    run.feed(answered('success'));
    expect([run.times('send-ack').length, run.times('deliver').length]).toEqual([0, 2]);
    run.pass(32_000);
    expect(run.state.name).toBe('terminated');
  });

  it('is over 64·T1 after a CANCEL that nobody answers (RFC 3261 §9.1)', () => {
    const run = inviteClient(false);
    run.feed(answered('provisional'));
    run.feed({ kind: 'cancelled' });
    run.pass(32_000);
    expect([run.state.name, run.times('timeout')]).toEqual(['terminated', [32_000]]);
  });
});

describe('the other transactions', () => {
  it('repeat a non-INVITE request up to every 4 s, every 4 s once an answer is under way (timers E and F)', () => {
    const trying = nonInviteClient(false);
    trying.pass(60_000);
    expect(trying.times('send-request')).toEqual([
      0, 500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500,
    ]);
    expect(trying.times('timeout')).toEqual([32_000]);
    const proceeding = nonInviteClient(false);
    proceeding.feed(answered('provisional'));
    proceeding.pass(9_000);
    expect(proceeding.times('send-request')).toEqual([0, 500, 4_500, 8_500]);
  });

  it('absorb repeated answers to a non-INVITE request for T4 (timer K)', () => {
    const run = nonInviteClient(false);
    run.feed(answered('success'));
    run.feed(answered('success'));
    run.pass(5_000);
    expect([run.times('deliver').length, run.state.name]).toEqual([1, 'terminated']);
  });

  it('repeat a refusal of an INVITE until its ACK (timers G, H and I)', () => {
    const silent = inviteServer(false);
    silent.feed(respond('failure'));
    silent.pass(60_000);
    expect(silent.times('send-response').slice(0, 6)).toEqual([0, 500, 1_500, 3_500, 7_500, 11_500]);
    expect(silent.times('timeout')).toEqual([32_000]);
    const acked = inviteServer(false);
    acked.feed(respond('failure'));
    acked.feed({ kind: 'ack' });
    acked.feed({ kind: 'ack' });
    acked.pass(5_000);
    expect([acked.times('send-response'), acked.state.name]).toEqual([[0], 'terminated']);
  });

  it('absorb repeated INVITEs after a 2xx and let further 2xx through (timer L)', () => {
    const run = inviteServer(false);
    run.feed(respond('success'));
    run.feed({ kind: 'request' });
    run.feed(respond('success'));
    run.feed({ kind: 'ack' });
    expect([run.times('send-response').length, run.times('deliver-ack').length]).toEqual([2, 1]);
    run.pass(32_000);
    expect(run.state.name).toBe('terminated');
  });

  it('report an INVITE that nobody answers', () => {
    const run = inviteServer(false);
    run.pass(64_000);
    expect(run.times('unanswered')).toEqual([64_000]);
  });

  it('repeat the answer to a non-INVITE request that comes again, for 64·T1 (timer J), and take no second one', () => {
    const run = nonInviteServer(false);
    run.feed({ kind: 'request' });
    run.feed(respond('success'));
    run.feed({ kind: 'request' });
    expect(run.feed(respond('failure'))).toBe(false);
    expect(run.times('send-response')).toHaveLength(2);
    run.pass(32_000);
    expect(run.state.name).toBe('terminated');
  });

  it('outlive none of their timers, whatever happens in whatever order', () => {
    const events: fc.Arbitrary<AnyEvent> = fc.oneof(
      fc.record({
        kind: fc.constantFrom('response', 'respond'),
        class: fc.constantFrom('provisional', 'success', 'failure'),
      }),
      fc.record({ kind: fc.constantFrom('request', 'ack', 'cancelled', 'transport-failure') }),
    );
    const steps = fc.array(fc.tuple(events, fc.nat({ max: 40_000 })), { maxLength: 12 });
    const belongs = (event: AnyEvent, client: boolean) =>
      client
        ? ['response', 'cancelled', 'transport-failure'].includes(event.kind)
        : ['respond', 'request', 'ack', 'transport-failure'].includes(event.kind);
    fc.assert(
      fc.property(steps, fc.boolean(), (list, reliable) => {
        for (const [make, client] of [
          [inviteClient, true],
          [nonInviteClient, true],
          [inviteServer, false],
          [nonInviteServer, false],
        ] as const) {
          const run = make(reliable);
          for (const [event, ms] of list) {
            if (belongs(event, client)) run.feed(event);
            if (run.state.name !== 'terminated') expect(run.timers.size).toBeGreaterThan(0);
            run.pass(ms);
          }
          run.pass(300_000);
          expect([run.state.name, run.timers.size]).toEqual(['terminated', 0]);
        }
      }),
    );
  });
});

describe('an answer that waits for its acknowledgement', () => {
  const repeats = (kind: 'final' | 'provisional'): readonly number[] => {
    const times: number[] = [];
    let now = 0;
    let step = startAnswer(kind);
    for (;;) {
      const wait = step.effects.find((effect) => effect.kind === 'wait');
      if (wait?.kind !== 'wait') return [...times, now];
      now += wait.ms;
      const next = stepAnswer(step.state, { kind: 'interval-over' });
      if (next === undefined) return times;
      step = next;
      if (step.effects.some((effect) => effect.kind === 'repeat')) times.push(now);
    }
  };

  it('repeats a 2xx up to every 4 s for 32 s (RFC 3261 §13.3.1.4)', () => {
    expect(repeats('final')).toEqual([
      500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500, 32_000,
    ]);
  });

  it('repeats a reliable provisional one at intervals that go on doubling (RFC 3262 §3)', () => {
    expect(repeats('provisional')).toEqual([500, 1_500, 3_500, 7_500, 15_500, 31_500, 32_000]);
  });
});
