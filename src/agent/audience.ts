import type { AgentEvent, EventSubject } from './frame.ts';
import type { Scope } from './route.ts';

export interface Follower {
  /** A frame for everyone who follows this scope; must not throw. */
  deliver(frame: string): void;
  /** Frames may be missing here, or their numbers have changed: the state stands for all of them. Must not throw. */
  refresh(): void;
}

/** The numbered frames of one scope, as far as they are kept. */
export interface Feed {
  /** Number of the last event. */
  readonly seq: number;
  /** @returns what came after `seq`, oldest first; undefined when some of it is gone or `seq` is none of ours. */
  after(seq: number): string[] | undefined;
}

/**
 * Who follows whose events: an agent's own, or everybody's. Events are numbered per scope, without a gap as long as no state
 * is sent in between. A scope's numbers begin with its first follower: what was before is in the state.
 */
export interface Audience {
  /** Scopes whose frames are kept. */
  readonly logs: number;
  /** Numbers the event for each agent it concerns and for those who follow everybody. Never throws, never waits. */
  publish(agents: readonly string[], event: AgentEvent, about: EventSubject): void;
  /** From the moment it resolves the follower is told of every event after the feed's `seq`. Never rejects. */
  follow(scope: Scope, follower: Follower): Promise<Feed>;
  /** Harmless for who does not follow, also before `follow` has resolved: then it never begins. */
  unfollow(scope: Scope, follower: Follower): void;
  /** The frame with the scope's calls and sessions as they are after event `seq`; undefined when it cannot be written. */
  snapshot(scope: Scope, seq: number): string | undefined;
}
