import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'vitest';
import { GatewayProcess, type Settings } from './gateway-process.ts';
import type { LiveCall } from './live-call.ts';
import { MainJob } from './main-job.ts';
import { WebhookReceiver } from './webhook-receiver.ts';

const death = pathToFileURL(join(import.meta.dirname, 'death-at-entry.mjs')).href;
const secrets = { TONELOCK_WEBHOOK_CRM: 'a secret of the tests' };

export interface Storage {
  readonly settings: Settings;
  readonly env: NodeJS.ProcessEnv;
  remove(): void;
}

/** What the gateway is started with so that it dies when an entry of a kind is safe, and before it can do anything else. */
const dyingAfter = (kind: string | null): NodeJS.ProcessEnv =>
  kind === null ? {} : { NODE_OPTIONS: `--import ${death}`, TONELOCK_TEST_DIES_AFTER: kind };

/** A gateway that dies at an entry of its journal, and a CRM that is owed what the entry says. */
export class OwingJob {
  readonly crm: WebhookReceiver;
  readonly #storage: Storage;
  readonly #job: MainJob;

  private constructor(crm: WebhookReceiver, storage: Storage, job: MainJob) {
    this.crm = crm;
    this.#storage = storage;
    this.#job = job;
  }

  static async start(storage: Storage, kind: string): Promise<OwingJob> {
    const crm = await WebhookReceiver.open();
    const settings = { storage: storage.settings, webhooks: [{ name: 'crm', url: crm.url }] };
    const job = await MainJob.start({ settings, env: { ...secrets, ...storage.env, ...dyingAfter(kind) } });
    return new OwingJob(crm, storage, job);
  }

  async ready(): Promise<LiveCall> {
    const call = await this.#job.inbound();
    await call.open();
    await call.take('pan', '4111111111111111');
    await call.take('cvc', '737');
    return call;
  }

  async death(): Promise<void> {
    expect(await this.#job.gateway.exited).toBe('SIGKILL');
  }

  async restart(): Promise<void> {
    await this.#job.restartGateway(this.#env(null));
  }

  /** Starts it again so that it dies during its start. */
  async diesAgainAfter(kind: string): Promise<void> {
    expect(await GatewayProcess.diesAgain(this.#job.gateway, this.#env(kind))).toBe('SIGKILL');
  }

  /** Ids with which an event was told: a repeat bears the first one's. */
  told(type: string): string[] {
    return [...new Set(this.crm.told.filter(({ event }) => event.type === type).map(({ event }) => String(event.id)))];
  }

  async toldOnce(type: string): Promise<object> {
    await expect.poll(() => this.told(type), { timeout: 20_000 }).toHaveLength(1);
    return this.crm.told.find(({ event }) => event.type === type)?.event;
  }

  async outcomes(call: LiveCall): Promise<string[]> {
    const { body } = await this.#job.api().expect(200, 'GET', `/v1/calls/${call.id}/transactions?agent=*`);
    return body.transactions.map(({ outcome }: { outcome: string }) => outcome);
  }

  async stop(): Promise<void> {
    await this.#job.stop();
    await this.crm.close();
    this.#storage.remove();
  }

  #env(kind: string | null): NodeJS.ProcessEnv {
    return { ...secrets, ...this.#storage.env, ...dyingAfter(kind) };
  }
}
