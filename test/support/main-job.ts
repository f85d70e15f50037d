import { ApiClient } from './api-client.ts';
import { GatewayProcess, type Settings } from './gateway-process.ts';
import { LiveCall } from './live-call.ts';
import type { AnswerOptions, PhoneCall } from './phone-call.ts';
import { type CallOptions, SipPhone } from './sip-phone.ts';

export interface MainJobOptions {
  readonly settings?: Settings;
  readonly mediaPorts?: number;
  readonly answers?: AnswerOptions;
  readonly env?: NodeJS.ProcessEnv;
  /** Trunks and routes that go before those of this job's own telephones. */
  readonly trunks?: readonly Settings[];
  readonly routes?: readonly Settings[];
}

/** A gateway between a customers' telephone and an agents' telephone: all that the main job needs, in one place. */
export class MainJob {
  gateway: GatewayProcess;
  readonly customers: SipPhone;
  readonly agents: SipPhone;
  /** Where the agents' desktops are connected, when that is not the gateway that takes the calls. */
  desktops: string | undefined;
  readonly #live: LiveCall[] = [];

  private constructor(gateway: GatewayProcess, customers: SipPhone, agents: SipPhone) {
    this.gateway = gateway;
    this.customers = customers;
    this.agents = agents;
  }

  static async start(options: MainJobOptions = {}): Promise<MainJob> {
    const [customers, agents] = await Promise.all([SipPhone.open(), SipPhone.open()]);
    agents.answers = options.answers ?? {};
    const gateway = await GatewayProcess.start({
      agentPort: agents.peer.port,
      customerPort: customers.peer.port,
      agentSources: [agents.peer.port],
      ...(options.settings === undefined ? {} : { settings: options.settings }),
      ...(options.mediaPorts === undefined ? {} : { mediaPorts: options.mediaPorts }),
      ...(options.trunks === undefined ? {} : { trunks: options.trunks }),
      ...(options.routes === undefined ? {} : { routes: options.routes }),
      ...(options.env === undefined ? {} : { env: options.env }),
    });
    return new MainJob(gateway, customers, agents);
  }

  api(agent = '1001', headers: Readonly<Record<string, string>> = {}): ApiClient {
    return new ApiClient(this.desktops ?? this.gateway.http, `agent-${agent}`, headers);
  }

  /** A customer calls an agent, who answers; both talk, and the gateway knows it: the telephones know it before. */
  async inbound(agent = '1001', options: CallOptions = {}): Promise<LiveCall> {
    const api = this.api(agent);
    const events = await api.events();
    const since = events.mark();
    const arriving = this.agents.arrivalFor(agent);
    const caller = await this.customers.call(
      `sip:${agent}@127.0.0.1:${this.gateway.sip.port}`,
      this.gateway.sip,
      options,
    );
    const far = await unlessRefused(arriving, caller);
    await Promise.all([caller.answered, far.answered]);
    const known = await events.next('call.answered', () => true, { since });
    return this.#talk(new LiveCall(String(known.callId), caller, far, api, events));
  }

  /** An agent calls a customer out through the gateway; the customer is the one captured from all the same. */
  async outbound(agent = '1001', customer = '81312345678', options: CallOptions = {}): Promise<LiveCall> {
    const api = this.api(agent);
    const events = await api.events();
    const since = events.mark();
    const arriving = this.customers.arrivalFor(customer);
    const uri = `sip:${customer}@127.0.0.1:${this.gateway.sip.port}`;
    const near = await this.agents.call(uri, this.gateway.sip, { user: agent, ...options });
    const caller = await unlessRefused(arriving, near);
    await Promise.all([near.answered, caller.answered]);
    const known = await events.next('call.answered', () => true, { since });
    return this.#talk(new LiveCall(String(known.callId), caller, near, api, events));
  }

  /** One value of /metrics; the sum where the name has several lines. */
  async metric(name: string): Promise<number> {
    const text = await this.api().metrics();
    const lines = text.split('\n').filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
    return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
  }

  /** Waits until a metric has a value: what happens after a BYE takes its moment. */
  async untilMetric(name: string, value: number, withinMs = 10_000): Promise<void> {
    const limit = performance.now() + withinMs;
    let seen = Number.NaN;
    while (performance.now() < limit) {
      seen = await this.metric(name);
      if (seen === value) return;
      await new Promise((done) => setTimeout(done, 100));
    }
    throw new Error(`${name} is ${seen} and not ${value} after ${withinMs} ms`);
  }

  /** The gateway was killed: starts it again where it was, with what it had written down. */
  async restartGateway(env: NodeJS.ProcessEnv = {}): Promise<void> {
    await this.gateway.exited;
    this.gateway = await GatewayProcess.startAgain(this.gateway, env);
  }

  async stop(): Promise<number | string> {
    for (const call of this.#live) call.dispose();
    const status = await this.gateway.stop();
    await Promise.all([this.customers.close(), this.agents.close()]);
    return status;
  }

  #talk(call: LiveCall): LiveCall {
    call.caller.rtp.talk('tone');
    call.agent.rtp.talk('tone');
    this.#live.push(call);
    return call;
  }
}

/** The call at the far end, or at once the refusal that the near end has got. */
function unlessRefused(arriving: Promise<PhoneCall>, near: PhoneCall): Promise<PhoneCall> {
  arriving.catch(() => undefined);
  return Promise.race([arriving, near.answered.then(() => arriving)]);
}
