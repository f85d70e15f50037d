import { expect } from 'vitest';
import type { EventStream } from './event-stream.ts';
import { FaultPsp } from './fault-psp.ts';
import { freeSipPort } from './free-ports.ts';
import type { GatewayProcess, Settings } from './gateway-process.ts';
import type { LiveCall } from './live-call.ts';
import { MainJob } from './main-job.ts';
import { PostgresServer } from './postgres-server.ts';
import { RedisServer } from './redis-server.ts';

/** Short, so that a dead gateway is buried soon. */
const usualLeaseSeconds = 2;
/** How long the burial of a dead gateway takes at most: a lease, and what a busy machine adds. */
export const burialWithinMs = 30_000;
/** On a busy machine a simulated finger may take its time. */
const patient = { firstKeySeconds: 120, interKeySeconds: 60, overallSeconds: 300 };

export interface PairOptions {
  readonly leaseSeconds?: number;
  /** Beside the usual ones; by the number of the gateway, from 1. */
  readonly settings?: (n: number) => Settings;
  readonly routes?: readonly Settings[];
  readonly env?: NodeJS.ProcessEnv;
}

/** Two gateways with one Redis, one PostgreSQL and one provider; each has telephones of its own. */
export class GatewayPair {
  readonly redis: RedisServer;
  readonly postgres: PostgresServer;
  readonly psp: FaultPsp;
  /** Where calls to users that begin with 88 lead, so that SIPp can answer them. */
  readonly sippPort: number;
  /** By the number of the gateway, from 0. */
  readonly jobs: MainJob[] = [];
  #database = '';

  private constructor(redis: RedisServer, postgres: PostgresServer, psp: FaultPsp, sippPort: number) {
    this.redis = redis;
    this.postgres = postgres;
    this.psp = psp;
    this.sippPort = sippPort;
  }

  static async open(): Promise<GatewayPair> {
    const [redis, postgres, psp] = await Promise.all([RedisServer.start(), PostgresServer.start(), FaultPsp.open()]);
    return new GatewayPair(redis, postgres, psp, await freeSipPort());
  }

  /** Both gateways anew, with nothing behind them; agents' desktops of the first are connected to the second. */
  async start(options: PairOptions = {}): Promise<[MainJob, MainJob]> {
    await this.stop();
    this.redis.cli('flushall');
    this.#database = this.postgres.newSchema();
    const [first, second] = await Promise.all([this.#job(1, options), this.#job(2, options)]);
    first.desktops = second.gateway.http;
    this.jobs.push(first, second);
    await Promise.all([
      first.untilMetric('tonelock_gateways_alive', 2),
      second.untilMetric('tonelock_gateways_alive', 2),
    ]);
    return [first, second];
  }

  /** Where both chains are, for a look as an administrator. */
  get schema(): string {
    return this.#database;
  }

  get env(): NodeJS.ProcessEnv {
    const database = this.postgres.url(this.#database);
    return { TONELOCK_REDIS_URL: this.redis.url, TONELOCK_DATABASE_URL: database };
  }

  async stop(): Promise<void> {
    await Promise.all(this.jobs.splice(0).map((job) => job.stop()));
  }

  async close(): Promise<void> {
    await this.stop();
    await Promise.all([this.redis.remove(), this.postgres.remove(), this.psp.close()]);
  }

  #job(n: number, { leaseSeconds = usualLeaseSeconds, settings, env, routes = [] }: PairOptions): Promise<MainJob> {
    return MainJob.start({
      mediaPorts: 200,
      routes: [
        ...routes,
        { from: 'carrier', user: '88*', to: `sip:{user}@127.0.0.1:${this.sippPort}`, agent: '{user}' },
      ],
      settings: {
        // What is shown is between gateways: of media processes one does, and costs a start less.
        media: { processes: 1 },
        ...settings?.(n),
        storage: { kind: 'postgres', chain: `gateway-${n}` },
        events: { kind: 'redis', leaseSeconds },
        capture: { pan: { ...patient, quietSeconds: 2 }, cvc: patient },
        payments: {
          defaultPsp: 'faulty',
          psps: [{ id: 'faulty', adapter: 'http', url: this.psp.url, timeoutSeconds: 30 }],
        },
      },
      env: { ...this.env, ...env },
    });
  }
}

export async function killGateway(gateway: GatewayProcess): Promise<void> {
  gateway.signal('SIGKILL');
  await gateway.exited;
}

/** Details of a payment; the reference tells the provider what to do with it. */
export const orderOf = (reference: string) => ({
  ...{ type: 'charge', amount: 1250, currency: 'EUR', cardholder: 'Test', expiry: '12/30' },
  reference,
});

export const pairCard = '5105105105105100';

/** Takes card number and code, and makes sure of both. */
export async function taken(call: LiveCall): Promise<void> {
  expect(await call.take('pan', pairCard)).toMatchObject({ type: 'capture.completed', lastFour: pairCard.slice(-4) });
  expect(await call.take('cvc', '737')).toMatchObject({ type: 'capture.completed', digits: 3 });
}

/** Numbers go up by one from a snapshot on. */
export function hasNoGap(events: EventStream): boolean {
  const frames = events.frames.filter(({ type }) => type !== 'pong');
  return frames.every(({ seq, type }, n) => n === 0 || type === 'snapshot' || seq === (frames[n - 1]?.seq ?? 0) + 1);
}
