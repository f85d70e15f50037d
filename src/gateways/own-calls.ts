import type { EventSubject } from '../agent/frame.ts';
import { covers } from '../agent/owned.ts';
import type { Scope } from '../agent/route.ts';
import type { SessionView } from '../payment/session-view.ts';
import type { CallView } from '../telephony/call-view.ts';
import type { BusEntry, HeldCall } from './bus-entry.ts';
import type { BusChange } from './gateway-bus.ts';

export interface OwnCallsParts {
  /** This gateway's name on the bus, another one after each start. */
  readonly gateway: string;
  /** Its live calls. */
  readonly calls: () => readonly CallView[];
  readonly call: (callId: string) => CallView | undefined;
  /** The session that is open on a call. */
  readonly sessionOf: (callId: string) => SessionView | undefined;
  /** Sessions of calls that are over, whose provider has not answered yet. */
  readonly awaited: () => readonly SessionView[];
}

/** The calls that this gateway has, as the others are to know them. */
export class OwnCalls {
  readonly #parts: OwnCallsParts;

  constructor(parts: OwnCallsParts) {
    this.#parts = parts;
  }

  get gateway(): string {
    return this.#parts.gateway;
  }

  find(callId: string): HeldCall | undefined {
    const call = this.#parts.call(callId);
    return call && this.#held(call);
  }

  of(scope: Scope): HeldCall[] {
    return this.#parts
      .calls()
      .filter(({ agent }) => covers(scope, agent))
      .map((call) => this.#held(call));
  }

  /** Sessions whose agents are owed an outcome and have no call any more. The bus knows nothing of them. */
  awaited(scope: Scope): SessionView[] {
    return this.#parts.awaited().filter(({ agent }) => covers(scope, agent));
  }

  /** What to write on the bus: the call as it is now, and the events that led there; without events it is only announced. */
  change({ callId, sessionId }: EventSubject, scopes: readonly Scope[], entries: readonly BusEntry[]): BusChange {
    const held = this.find(callId);
    const session = held?.session?.id ?? sessionId;
    const over = entries.length === 0 || entries.some(({ held: after }) => after === null);
    return {
      gateway: this.gateway,
      callId,
      ids: session === null ? [callId] : [callId, session],
      held: held === undefined ? (over ? 'gone' : 'untouched') : { agent: held.call.agent, text: JSON.stringify(held) },
      scopes,
      entries: entries.map((entry) => ({
        text: JSON.stringify(entry),
        apart: JSON.stringify(entry.held === undefined ? entry : { ...entry, held: null }),
      })),
      onlyIfHeld: false,
    };
  }

  #held(call: CallView): HeldCall {
    return { gateway: this.gateway, call, session: this.#parts.sessionOf(call.callId) ?? null };
  }
}
