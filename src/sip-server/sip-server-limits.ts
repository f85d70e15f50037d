import { defaultMessageLimits, type MessageLimits } from './message/message-limits.ts';

/** Everything that could grow, and how far it may. Past a limit, new work is refused and `limit-hit` is counted. */
export interface SipServerLimits {
  readonly message: MessageLimits;
  /** SIP connections over TCP, in and out. */
  readonly connections: number;
  /** Bytes that wait on one connection for a slow reader before it is closed. */
  readonly connectionBacklogBytes: number;
  /** How long a message on a stream may stay unfinished. */
  readonly unfinishedMessageMs: number;
  /** How long a stream may stay silent. */
  readonly idleConnectionMs: number;
  readonly connectMs: number;
  /** How long a peer may take over its TLS handshake. */
  readonly handshakeMs: number;
  /** Connections of one address. */
  readonly connectionsPerSource: number;
  /** Requests a second that begin something, of one known address; past it they get 503. Twice as many at once. */
  readonly requestsPerSource: number;
  /** The same of an address that is not known; past it, or after so many messages that are none, it is not heard for a while. */
  readonly strangerRequestsPerSecond: number;
  readonly strangerBadMessages: number;
  readonly blockedSourceMs: number;
  /** Addresses whose requests are counted. */
  readonly watchedSources: number;
  readonly transactions: number;
  readonly dialogs: number;
  /** How long dialogs stand whose application has gone, before they are ended with BYE: nobody can ever use them again. */
  readonly orphanedDialogMs: number;
  /** Early dialogs of one INVITE: the branches of its forking. */
  readonly forks: number;
  /** Targets of one proxied request, redirects included. */
  readonly proxyTargets: number;
  /** Answers of one INVITE that wait for a PRACK, one behind the other (RFC 3262 §3). */
  readonly waitingProvisionals: number;
  /** An INVITE of ours that rings longer than this is cancelled (timer C, RFC 3261 §16.6). */
  readonly ringingMs: number;
  /** An INVITE that no application answers at all. */
  readonly unansweredInviteMs: number;
  /** Applications connected at once. */
  readonly clients: number;
  /** Applications that we are connected to, or are connecting to, since a request was to go there. */
  readonly dialledClients: number;
  readonly clientMessageBytes: number;
  readonly clientBacklogBytes: number;
  readonly clientRoutes: number;
  /** How long a socket of an application may take to say its secret. */
  readonly authenticationMs: number;
  /** Names in the resolver's cache, and for how long. */
  readonly resolvedNames: number;
  readonly resolvedNameMs: number;
  /** Requests for which an HTTP server is being asked or an application connected to, and how long the former may take. */
  readonly routeQuestions: number;
  readonly routeAnswerMs: number;
}

export const defaultSipServerLimits: SipServerLimits = {
  message: defaultMessageLimits,
  connections: 2_000,
  connectionBacklogBytes: 1_048_576,
  unfinishedMessageMs: 10_000,
  idleConnectionMs: 3_600_000,
  connectMs: 3_000,
  handshakeMs: 10_000,
  connectionsPerSource: 500,
  requestsPerSource: 1_000,
  strangerRequestsPerSecond: 20,
  strangerBadMessages: 5,
  blockedSourceMs: 600_000,
  watchedSources: 10_000,
  transactions: 50_000,
  dialogs: 10_000,
  orphanedDialogMs: 3_600_000,
  forks: 10,
  proxyTargets: 20,
  waitingProvisionals: 16,
  ringingMs: 190_000,
  unansweredInviteMs: 64_000,
  clients: 32,
  dialledClients: 2_000,
  clientMessageBytes: 262_144,
  clientBacklogBytes: 16_777_216,
  clientRoutes: 64,
  authenticationMs: 5_000,
  resolvedNames: 1_000,
  resolvedNameMs: 30_000,
  routeQuestions: 500,
  routeAnswerMs: 5_000,
};
