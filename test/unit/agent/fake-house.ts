import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { type AgentApi, type AgentApiOptions, startAgentApi } from '../../../src/agent/agent-api.ts';
import type { ApiObserver } from '../../../src/agent/api-observer.ts';
import type { CallDirectory } from '../../../src/agent/call-directory.ts';
import type { DemoControl } from '../../../src/agent/demo-control.ts';
import { LocalAudience } from '../../../src/agent/local-audience.ts';
import type { Readiness } from '../../../src/agent/readiness.ts';
import type { RefundCounter } from '../../../src/agent/refund-counter.ts';
import type { SessionDesk } from '../../../src/agent/session-desk.ts';
import type { RefundView } from '../../../src/payment/refund.ts';
import type { SessionView } from '../../../src/payment/session-view.ts';
import type { Transaction } from '../../../src/payment/transaction.ts';
import { CodedError } from '../../../src/shared/coded-error.ts';
import type { SessionId } from '../../../src/shared/ids.ts';
import type { CallView } from '../../../src/telephony/call-view.ts';
import { FakeClock } from '../../support/fake-clock.ts';

export const emptyField = {
  state: 'empty',
  digits: 0,
  mask: '',
  brand: null,
  lastFour: null,
  reason: null,
} as const;

export const callView = (callId: string, agent: string, sessionId: string | null = null): CallView => ({
  callId,
  direction: 'inbound',
  state: 'answered',
  agent,
  sessionId,
  keysBy: ['events'],
});

export const sessionView = (id: string, callId: string, agent: string): SessionView => ({
  id,
  callId,
  agent,
  state: 'details',
  control: 'agent',
  psp: 'simulator',
  psps: [],
  pspChangesLeft: 1,
  details: {},
  missing: ['pan', 'cvc'],
  fields: { pan: { ...emptyField }, cvc: { ...emptyField } },
  payments: [],
  bill: null,
  repeats: [],
  show: { summary: true, history: true },
  locked: false,
  capturing: null,
  surcharge: null,
  outcome: null,
  can: ['authorise'],
});

/** Calls that a test puts in by hand. */
export class FakeCalls implements CallDirectory {
  readonly calls = new Map<string, CallView>();
  readonly formerAgents = new Map<string, string>();

  add(call: CallView): CallView {
    this.calls.set(call.callId, call);
    return call;
  }

  callsOf(agent: string): CallView[] {
    return this.all().filter((call) => call.agent === agent);
  }

  all(): CallView[] {
    return [...this.calls.values()];
  }

  find(callId: string): CallView | undefined {
    return this.calls.get(callId);
  }

  mayRead(callId: string, agent: string): boolean {
    return this.calls.get(callId)?.agent === agent || this.formerAgents.get(callId) === agent;
  }
}

/** A desk that writes down each command and does what `onCommand` says. */
export class FakeDesk implements SessionDesk {
  readonly sessions = new Map<string, SessionView>();
  readonly commands: unknown[][] = [];
  onCommand: (name: string, ...rest: unknown[]) => unknown = () => undefined;

  get(id: SessionId): SessionView | undefined {
    return this.sessions.get(id);
  }

  ofCall(callId: string): SessionView | undefined {
    return [...this.sessions.values()].find((session) => session.callId === callId);
  }

  add(session: SessionView): SessionView {
    this.sessions.set(session.id, session);
    return session;
  }

  readonly open: SessionDesk['open'] = async (call, actor, wish) => {
    await this.#command('open', call, actor, wish);
    if (this.ofCall(call) !== undefined) throw new CodedError('session-exists');
    return this.add({ ...sessionView(`s-${call}`, call, actor.agent), control: wish.control });
  };
  readonly close: SessionDesk['close'] = async (id, ...rest) => {
    await this.#command('close', id, ...rest);
    this.sessions.delete(id);
  };
  readonly commitPsp: SessionDesk['commitPsp'] = (...all) => this.#command('commitPsp', ...all);
  readonly changeDetails: SessionDesk['changeDetails'] = (...all) => this.#command('changeDetails', ...all);
  readonly addPayment: SessionDesk['addPayment'] = (...all) => this.#command('addPayment', ...all);
  readonly removePayment: SessionDesk['removePayment'] = (...all) => this.#command('removePayment', ...all);
  readonly requestCapture: SessionDesk['requestCapture'] = (...all) => this.#command('requestCapture', ...all);
  readonly stopCapture: SessionDesk['stopCapture'] = (...all) => this.#command('stopCapture', ...all);
  readonly authorise: SessionDesk['authorise'] = (...all) => this.#command('authorise', ...all);
  readonly answerSurcharge: SessionDesk['answerSurcharge'] = (...all) => this.#command('answerSurcharge', ...all);
  readonly retry: SessionDesk['retry'] = (...all) => this.#command('retry', ...all);
  readonly newPayment: SessionDesk['newPayment'] = (...all) => this.#command('newPayment', ...all);
  readonly cancel: SessionDesk['cancel'] = (...all) => this.#command('cancel', ...all);
  readonly enquire: SessionDesk['enquire'] = (...all) => this.#command('enquire', ...all);
  readonly history: SessionDesk['history'] = async (...all) => {
    await this.#command('history', ...all);
    return [];
  };

  async #command(name: string, ...rest: unknown[]): Promise<void> {
    this.commands.push([name, ...rest]);
    await this.onCommand(name, ...rest);
  }
}

/** A counter that writes down what it was asked, and answers what the test wants. */
export class FakeRefunds implements RefundCounter {
  readonly asked: unknown[][] = [];
  readonly calls = new Map<string, string>();
  answer: () => unknown = () => ({});

  search = (...all: unknown[]) => this.#ask('search', ...all) as Promise<Transaction[]>;
  get = (...all: unknown[]) => this.#ask('get', ...all) as Promise<Transaction>;
  callOf = async (payment: string) => this.calls.get(payment);
  refund = (...all: unknown[]) => this.#ask('refund', ...all) as Promise<RefundView>;
  void = (...all: unknown[]) => this.#ask('void', ...all) as Promise<RefundView>;
  recordRefund = (...all: unknown[]) => this.#ask('recordRefund', ...all) as Promise<RefundView>;
  recordAnswer = async (...all: unknown[]) => void (await this.#ask('recordAnswer', ...all));

  async #ask(...all: unknown[]): Promise<unknown> {
    this.asked.push(all);
    return this.answer();
  }
}

export class FakeReadiness implements Readiness {
  reasons: string[] = [];
  draining = false;

  state(): ReturnType<Readiness['state']> {
    return { ready: this.reasons.length === 0, reasons: this.reasons, draining: this.draining };
  }

  drain(): void {
    this.draining = true;
  }
}

export class FakeDemo implements DemoControl {
  customer: 'idle' | 'talking' = 'idle';
  readonly pressed: string[] = [];

  state(): ReturnType<DemoControl['state']> {
    return { customer: { state: this.customer }, agent: { name: '1001' } };
  }

  async call(): Promise<void> {
    this.customer = 'talking';
  }

  async hangUp(): Promise<void> {
    this.customer = 'idle';
  }

  agentHears = (after: number): { last: number; sound: string } => ({ last: after, sound: '' });
  press = async (key: string): Promise<void> => void this.pressed.push(key);
}

export const fakeObserver = () =>
  ({
    requestAnswered: vi.fn(),
    commandRefused: vi.fn(),
    faulted: vi.fn(),
    socketOpened: vi.fn(),
    socketClosed: vi.fn(),
    upgradeRefused: vi.fn(),
    framesGathered: vi.fn(),
    keptBack: vi.fn(),
  }) satisfies ApiObserver;

export interface House extends AsyncDisposable {
  readonly api: AgentApi;
  readonly base: string;
  readonly desk: FakeDesk;
  readonly calls: FakeCalls;
  readonly refunds: FakeRefunds;
  readonly readiness: FakeReadiness;
  readonly demo: FakeDemo;
  readonly observer: ReturnType<typeof fakeObserver>;
  readonly audience: LocalAudience;
  readonly clock: FakeClock;
  readonly panel: AgentApiOptions['panel'];
  /** Empties the fakes, so that one server serves the tests of a file. */
  reset(): void;
}

/** The real API on a port of the system's choosing, with fakes behind it. */
export async function openHouse(changes: Partial<AgentApiOptions> = {}): Promise<House> {
  const parts = {
    desk: new FakeDesk(),
    refunds: new FakeRefunds(),
    calls: new FakeCalls(),
    readiness: new FakeReadiness(),
    demo: new FakeDemo(),
    observer: fakeObserver(),
    clock: new FakeClock(),
    panel: { audio: 'mute' as const, sayings: { en: { sayPan: 'Key.' }, ja: {} }, searchField: 'id' },
  };
  const state = (scope: string) => {
    const calls = scope === '*' ? parts.calls.all() : parts.calls.callsOf(scope);
    return { calls, sessions: calls.flatMap(({ callId }) => parts.desk.ofCall(callId) ?? []) };
  };
  const audience = new LocalAudience(changes.clock ?? parts.clock, (what) => parts.observer.keptBack(what), state);
  const api = await startAgentApi({
    listen: '127.0.0.1:0',
    allowedOrigins: [],
    tokens: { kind: 'simulated' },
    frameAncestors: [],
    metricsText: async () => 'tonelock_calls 0\n',
    metricSamples: async () => [{ name: 'tonelock_calls_active', labels: {}, value: 0 }],
    pages: join(tmpdir(), 'no-pages-here'),
    audience,
    ...parts,
    ...changes,
    limits: { socketsPerAgent: 4, requestsPerSecond: 100_000, ...changes.limits },
  });
  return {
    ...parts,
    audience,
    api,
    base: `http://127.0.0.1:${api.address.port}`,
    reset: () => {
      for (const kept of [parts.calls.calls, parts.calls.formerAgents, parts.desk.sessions]) kept.clear();
      parts.desk.commands.length = 0;
      parts.desk.onCommand = () => undefined;
      for (const count of Object.values(parts.observer)) count.mockClear();
    },
    [Symbol.asyncDispose]: () => api.close(),
  };
}

/** A folder of its own for one test. */
export const emptyFolder = (): string => mkdtempSync(join(tmpdir(), 'tonelock-'));

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of any shape
  readonly json: any;
}

/** One request with a token and, where there is one, a JSON body. */
export async function ask(
  house: Pick<House, 'base'>,
  line: string,
  options: { token?: string; body?: unknown; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const [method, path] = line.split(' ');
  const response = await fetch(`${house.base}${path}`, {
    method: method ?? 'GET',
    redirect: 'manual',
    headers: {
      ...(options.token !== '' && { authorization: `Bearer ${options.token ?? 'agent-1001'}` }),
      ...(options.body !== undefined && { 'content-type': 'application/json' }),
      ...options.headers,
    },
    ...(options.body !== undefined && {
      body: typeof options.body === 'string' ? options.body : JSON.stringify(options.body),
    }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : undefined };
}
