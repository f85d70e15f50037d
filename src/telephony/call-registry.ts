import type { CallGate, PayableCall } from '../payment/call-gate.ts';
import type { CallId } from '../shared/ids.ts';
import type { Call } from './call.ts';
import type { CallView } from './call-view.ts';

/** How many ended calls stay known, so that their agents can still read the history. */
export const endedCallsKept = 10_000;

/** All calls that exist, and for a while the agents of those that did. */
export class CallRegistry implements CallGate {
  readonly #calls = new Map<CallId, Call>();
  readonly #keysBy = new Map<CallId, CallView['keysBy']>();
  readonly #readers = new Map<string, readonly string[]>();
  /** The payment session open on a call; set by whoever composes the rooms. */
  sessionOf: (call: CallId) => string | null = () => null;

  add(call: Call): void {
    this.#calls.set(call.id, call);
    this.admitReader(call.id, call.agent);
  }

  remove(call: CallId): void {
    this.#calls.delete(call);
    this.#keysBy.delete(call);
  }

  /** The walled room says how keys can come from the call's customer. */
  hears(call: CallId, keysBy: CallView['keysBy']): void {
    if (this.#calls.has(call)) this.#keysBy.set(call, keysBy);
  }

  /** From here on this agent may read the call's history: it was on the call, or the call was transferred to it (P-70). */
  admitReader(call: CallId, agent: string): void {
    const readers = this.#readers.get(call) ?? [];
    this.#readers.delete(call);
    this.#readers.set(call, readers.includes(agent) ? readers : [...readers, agent]);
    if (this.#readers.size > endedCallsKept + this.#calls.size) this.#forgetOldest();
  }

  /** Of a call from before a restart nobody here knows who was on it: the payments desk decides, by who took payments. */
  mayRead(call: string, agent: string): boolean {
    return this.#readers.get(call)?.includes(agent) ?? true;
  }

  get(call: CallId): Call | undefined {
    return this.#calls.get(call);
  }

  find(call: CallId): PayableCall | undefined {
    const found = this.#calls.get(call);
    return found === undefined || found.over ? undefined : found;
  }

  engage(call: CallId): void {
    const found = this.#calls.get(call);
    if (found !== undefined) found.engaged = true;
  }

  disengage(call: CallId): void {
    const found = this.#calls.get(call);
    if (found !== undefined) found.engaged = false;
  }

  view(call: { readonly id: CallId; readonly view: CallView }): CallView {
    return { ...call.view, sessionId: this.sessionOf(call.id), keysBy: this.#keysBy.get(call.id) ?? [] };
  }

  viewOf(call: string): CallView | undefined {
    const found = this.#calls.get(call as CallId);
    return found === undefined ? undefined : this.view(found);
  }

  /** As `viewOf`, but of a call that is not over. */
  liveView(call: string): CallView | undefined {
    const found = this.#calls.get(call as CallId);
    return found === undefined || found.over ? undefined : this.view(found);
  }

  /** Live calls of one agent, or of all. */
  views(agent?: string): CallView[] {
    return [...this.#calls.values()]
      .filter((call) => !call.over && (agent === undefined || call.agent === agent))
      .map((call) => this.view(call));
  }

  all(): Call[] {
    return [...this.#calls.values()];
  }

  get size(): number {
    return this.#calls.size;
  }

  #forgetOldest(): void {
    for (const call of this.#readers.keys()) {
      if (this.#calls.has(call as CallId)) continue;
      this.#readers.delete(call);
      return;
    }
  }
}
