import { type Clock, systemClock } from '../shared/clock.ts';
import { CodedError } from '../shared/coded-error.ts';
import type { Hearing } from './ear.ts';
import type { KeyWay } from './key-player.ts';
import { type PhoneState, SimulatedPhone } from './simulated-phone.ts';

export interface DemoOptions {
  /** Where the gateway takes SIP over UDP, `host:port`. */
  readonly gateway: string;
  /** The phones' own SIP addresses, `host:port`; port 0 lets the system choose. */
  readonly customer: string;
  readonly agent: string;
  /** Whom the customer calls. */
  readonly agentName: string;
  readonly clock?: Clock;
}

/** A customer and an agent, both simulated, on telephones of real SIP and RTP. */
export interface Demo {
  state(): {
    /** `callId`: the gateway's name of the call, once it has reached the agent. */
    readonly customer: { readonly state: PhoneState; readonly callId?: string };
    readonly agent: { readonly name: string; readonly state: 'idle' | 'talking' } & Hearing;
  };
  /** Places the customer's call; harmless while one stands. */
  call(): Promise<void>;
  hangUp(): Promise<void>;
  /** Presses one key; rejects with `call-not-answered` while nobody talks, `overloaded` when too many wait. */
  press(key: string, way?: KeyWay): Promise<void>;
  /** What the agent's phone has heard after packet number `after`: μ-law at 8 kHz, base64. */
  agentHears(after: number): { readonly last: number; readonly sound: string };
  close(): Promise<void>;
}

/** @throws {Error} naming the address that cannot be bound; nothing stays open then. */
export async function startDemo(options: DemoOptions): Promise<Demo> {
  const clock = options.clock ?? systemClock;
  const agent = await SimulatedPhone.open({
    listen: options.agent,
    user: options.agentName,
    voice: { pitchHz: 200, level: 700 },
    clock,
  });
  const customer = await SimulatedPhone.open({
    listen: options.customer,
    user: 'customer',
    voice: { pitchHz: 130, level: 2200 },
    clock,
  }).catch(async (error: unknown) => {
    await agent.close();
    throw error;
  });
  return {
    state: () => ({
      customer: { state: customer.state, ...(agent.gatewayId === null ? {} : { callId: agent.gatewayId }) },
      agent: { name: options.agentName, state: agent.state === 'talking' ? 'talking' : 'idle', ...agent.hearing },
    }),
    call: async () => {
      if (!(await customer.call(`sip:${options.agentName}@${options.gateway}`))) throw new CodedError('overloaded');
    },
    hangUp: async () => customer.hangUp(),
    press: async (key, way = 'events') => {
      if (customer.state !== 'talking') throw new CodedError('call-not-answered');
      if (!customer.press(key, way)) throw new CodedError('overloaded');
    },
    agentHears: (after) => {
      const { last, sound } = agent.sound(after);
      return { last, sound: Buffer.from(sound).toString('base64') };
    },
    close: async () => {
      await customer.close();
      await agent.close();
    },
  };
}
