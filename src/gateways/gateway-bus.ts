/** What is to be written on the bus about one call, in one step: all of it or none. */
export interface BusChange {
  /** The gateway that has the call. */
  readonly gateway: string;
  readonly callId: string;
  /** Ids by which requests look for the gateway: the call's, and that of its session. */
  readonly ids: readonly string[];
  /** The call as it is from now on, for others to read; `gone` when it is over; `untouched` when nothing is said of it. */
  readonly held: { readonly agent: string; readonly text: string } | 'gone' | 'untouched';
  /** Agents whom it concerns, and everybody. */
  readonly scopes: readonly string[];
  /**
   * Events to be numbered for each scope that somebody follows. `text` is for the call's agent and for everybody, `apart` for
   * the other scopes. Without any, followers are told to look anew.
   */
  readonly entries: readonly { readonly text: string; readonly apart: string }[];
  /** Only as long as the gateway is written down as having the call: of several who bury it one succeeds. */
  readonly onlyIfHeld: boolean;
}

/** A scope as it is on the bus at one moment. */
export interface ScopeState {
  /** Number of the last event. */
  readonly seq: number;
  /** The last events before and up to `seq`, without a gap, oldest first. */
  readonly entries: readonly string[];
  /** Calls of the scope, on all gateways. */
  readonly calls: readonly string[];
}

export interface Neighbour {
  readonly gateway: string;
  /** Name of its chain in the storage, which it keeps over restarts. */
  readonly chain: string;
}

export interface Beat {
  /** Whether this gateway was still written down as one of them. */
  readonly known: boolean;
  readonly alive: number;
  /** Gateways whose lease has run out, or that had our chain before us, and that nobody has buried yet. */
  readonly missing: readonly Neighbour[];
}

export interface BusListener {
  /** Everything that was subscribed before is not any more: scopes have to be opened again. */
  up(): void;
  /** Called before anything under way is rejected. */
  down(): void;
  entry(scope: string, seq: number, text: string): void;
  /** The scope's calls have changed without an event. */
  anew(scope: string): void;
  /** From another gateway to this one. */
  message(text: string): void;
}

/**
 * What gateways share. Every method rejects with a `CodedError` `gateway-unreachable` when the bus is away, and only then;
 * whether a change was made is then not known. Texts are the caller's to write and to check: a bus is not believed.
 */
export interface GatewayBus {
  readonly up: boolean;
  /** Begins to connect, and goes on trying until `close`. */
  start(listener: BusListener): void;
  /**
   * Subscribes to a scope and keeps its events from now on. Its numbers go on above `atLeast`. Twice is once.
   * Entries that come while it is under way may be in the answer too.
   */
  open(scope: string, atLeast: number): Promise<ScopeState>;
  leave(scope: string): Promise<void>;
  /** Events of these scopes are wanted still; without a word for an hour they are not kept any more. */
  want(scopes: readonly string[]): Promise<void>;
  /**
   * What a gateway says of its own calls it says while it has a lease: without one it may have been buried, and is not believed.
   * @returns false when it was asked for `onlyIfHeld` and the call is not held any more, or its gateway lives.
   * @throws {CodedError} `gateway-unreachable` also when this gateway has no lease.
   */
  append(change: BusChange): Promise<boolean>;
  /** Calls of a scope, on all gateways. */
  callsOf(scope: string): Promise<readonly string[]>;
  /** Renews this gateway's lease. */
  beat(leaseMs: number): Promise<Beat>;
  heldBy(gateway: string): Promise<readonly { readonly callId: string; readonly text: string }[]>;
  /** A gateway that has no calls any more is not there any more. */
  forget(gateway: string): Promise<void>;
  holderOf(id: string): Promise<string | undefined>;
  /** From now on, for so long, requests about this id find this gateway. */
  place(id: string, ms: number): Promise<void>;
  /**
   * Takes an id for this gateway, or for the wanted one if that lives, unless another that lives has it; again for so long
   * with each call.
   * @returns who has it.
   */
  claim(id: string, ms: number, wanted?: string): Promise<string>;
  /** @returns whether anybody was there to hear it. */
  send(gateway: string, text: string): Promise<boolean>;
  keep(key: string, text: string, ms: number): Promise<void>;
  take(key: string): Promise<string | undefined>;
  look(key: string): Promise<string | undefined>;
  /** Gives up the lease. Twice is once. */
  close(): Promise<void>;
}
