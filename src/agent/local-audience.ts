import type { Clock } from '../shared/clock.ts';
import type { Audience, Feed, Follower } from './audience.ts';
import { EventLog } from './event-log.ts';
import { type AgentEvent, type EventSubject, writeFrame } from './frame.ts';
import { everybody, type Scope } from './route.ts';

/** Logs that are kept for agents who may come back; those with followers are kept whatever their number. */
export const logsLimit = 2_000;

interface Channel {
  readonly log: EventLog;
  readonly followers: Set<Follower>;
}

/** The audience of a gateway that stands alone: events are numbered here, and followers told at once. */
export class LocalAudience implements Audience {
  readonly #channels = new Map<Scope, Channel>();
  readonly #clock: Clock;
  readonly #keptBack: (what: string) => void;
  readonly #state: (scope: Scope) => object;

  /** @param state the calls and sessions of a scope, as the snapshot's schema has them. */
  constructor(clock: Clock, keptBack: (what: string) => void, state: (scope: Scope) => object) {
    this.#clock = clock;
    this.#keptBack = keptBack;
    this.#state = state;
  }

  get logs(): number {
    return this.#channels.size;
  }

  publish(agents: readonly string[], event: AgentEvent, about: EventSubject): void {
    const at = new Date(this.#clock.now()).toISOString();
    for (const scope of new Set([...agents, everybody])) {
      const channel = this.#channels.get(scope);
      const frame = channel?.log.append((seq) => writeFrame({ seq, at, ...event, ...about }));
      if (channel !== undefined && frame === undefined) this.#keptBack(event.type);
      if (frame !== undefined) for (const follower of channel?.followers ?? []) follower.deliver(frame);
    }
  }

  async follow(scope: Scope, follower: Follower): Promise<Feed> {
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

  snapshot(scope: Scope, seq: number): string | undefined {
    const at = new Date(this.#clock.now()).toISOString();
    const frame = writeFrame({ seq, type: 'snapshot', at, ...this.#state(scope) });
    if (frame === undefined) this.#keptBack('snapshot');
    return frame;
  }

  #forgetOldest(): void {
    for (const [scope, channel] of this.#channels) {
      if (this.#channels.size <= logsLimit) return;
      if (channel.followers.size === 0) this.#channels.delete(scope);
    }
  }
}
