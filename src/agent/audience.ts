import type { Clock } from '../shared/clock.ts';
import { EventLog } from './event-log.ts';
import { type AgentEvent, type EventSubject, writeFrame } from './frame.ts';
import { everybody, type Scope } from './route.ts';

/** Logs that are kept for agents who may come back; those with followers are kept whatever their number. */
export const logsLimit = 2_000;

export interface Follower {
  /** A frame for everyone who follows this scope; must not throw. */
  deliver(frame: string): void;
}

interface Channel {
  readonly log: EventLog;
  readonly followers: Set<Follower>;
}

/** Who follows whose events. A log begins with the first follower: what was before is in the snapshot. */
export class Audience {
  readonly #channels = new Map<Scope, Channel>();
  readonly #clock: Clock;
  readonly #keptBack: (what: string) => void;

  constructor(clock: Clock, keptBack: (what: string) => void) {
    this.#clock = clock;
    this.#keptBack = keptBack;
  }

  get logs(): number {
    return this.#channels.size;
  }

  /** Numbers the event for each agent it concerns, and for those who follow everybody. */
  publish(agents: readonly string[], event: AgentEvent, about: EventSubject): void {
    const at = new Date(this.#clock.now()).toISOString();
    for (const scope of new Set([...agents, everybody])) {
      const channel = this.#channels.get(scope);
      const frame = channel?.log.append((seq) => writeFrame({ seq, at, ...event, ...about }));
      if (channel !== undefined && frame === undefined) this.#keptBack(event.type);
      if (frame !== undefined) for (const follower of channel?.followers ?? []) follower.deliver(frame);
    }
  }

  follow(scope: Scope, follower: Follower): EventLog {
    const channel = this.#channels.get(scope) ?? { log: new EventLog(this.#clock.now()), followers: new Set() };
    channel.followers.add(follower);
    // Taken out and put in again: the order of the map is the order of last use.
    this.#channels.delete(scope);
    this.#channels.set(scope, channel);
    this.#forgetOldest();
    return channel.log;
  }

  unfollow(scope: Scope, follower: Follower): void {
    this.#channels.get(scope)?.followers.delete(follower);
  }

  #forgetOldest(): void {
    for (const [scope, channel] of this.#channels) {
      if (this.#channels.size <= logsLimit) return;
      if (channel.followers.size === 0) this.#channels.delete(scope);
    }
  }
}
