import { CodedError } from '../shared/coded-error.ts';
import type { CallId, SessionId } from '../shared/ids.ts';
import type { LiveSession } from './live-session.ts';
import { isLocked } from './session-projection.ts';
import type { SessionState } from './session-state.ts';

/** Calls that have ended lately and whose end may not have reached everybody yet. */
const endedMax = 2000;

/** Where the sessions stand: the open ones, and for a while the closed ones. */
export class SessionShelf {
  readonly #openMax: number;
  readonly #closedMax: number;
  readonly #byId = new Map<SessionId, LiveSession>();
  /** The last session of each live call, also when it is closed: what is counted per call goes on from it (P-16). */
  readonly #lastOfCall = new Map<CallId, LiveSession>();

  readonly #ended = new Set<CallId>();

  constructor(openMax: number, closedMax: number) {
    this.#openMax = openMax;
    this.#closedMax = closedMax;
  }

  find(id: SessionId): LiveSession | undefined {
    return this.#byId.get(id);
  }

  lastOf(call: CallId): LiveSession | undefined {
    return this.#lastOfCall.get(call);
  }

  /** The sessions that show a payment of a session: that one, and the one that is on its call now. */
  concerned(call: CallId, id: SessionId): LiveSession[] {
    const sessions = [this.find(id), this.lastOf(call)].flatMap((session) => session ?? []);
    return [...new Set(sessions)];
  }

  /** @throws {CodedError} `overloaded` when too many sessions are open, `call-ended` when the call is over. */
  put(session: LiveSession): void {
    if (this.#ended.has(session.state.call)) throw new CodedError('call-ended');
    if (this.open().length >= this.#openMax) throw new CodedError('overloaded');
    this.#byId.set(session.state.id, session);
    this.#lastOfCall.set(session.state.call, session);
    this.#forgetOldest();
  }

  /** From here on no session is put on the call: nobody would close it. */
  endCall(call: CallId): void {
    this.#lastOfCall.delete(call);
    this.#ended.add(call);
    const [oldest] = this.#ended;
    if (this.#ended.size > endedMax && oldest !== undefined) this.#ended.delete(oldest);
  }

  open(): LiveSession[] {
    return [...this.#byId.values()].filter((session) => !session.state.closed);
  }

  /** Closed ones whose provider has not answered yet. */
  awaited(): LiveSession[] {
    return [...this.#byId.values()].filter(({ state }) => state.closed && atProvider(state));
  }

  counts(): { open: number; capturing: number; locked: number; authorising: number; waiting: number } {
    const counts = { open: 0, capturing: 0, locked: 0, authorising: 0, waiting: 0 };
    for (const { state, waiting } of this.#byId.values()) {
      if (!state.closed) counts.open += 1;
      if (state.slot.name !== 'idle') counts.capturing += 1;
      if (isLocked(state)) counts.locked += 1;
      if (atProvider(state)) counts.authorising += 1;
      counts.waiting += waiting;
    }
    return counts;
  }

  /** A closed session whose provider has not answered yet stays, whatever its age. */
  #forgetOldest(): void {
    const closed = [...this.#byId.values()].filter(({ state }) => state.closed && !atProvider(state));
    for (const session of closed.slice(0, Math.max(0, closed.length - this.#closedMax)))
      this.#byId.delete(session.state.id);
  }
}

const atProvider = ({ phase }: SessionState): boolean => phase.name === 'asking' || phase.name === 'voiding';
