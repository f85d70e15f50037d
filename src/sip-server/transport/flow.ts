export type SipProtocol = 'udp' | 'tcp';

/** An IP address (never in brackets) and a port. */
export interface SocketAddress {
  readonly address: string;
  readonly port: number;
}

/** The way by which a message came or goes. Answers go back by the flow of their request. */
export interface Flow {
  readonly protocol: SipProtocol;
  /** The listen point at our end. */
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  /** Which TCP connection; undefined for UDP and for a connection that has yet to be made. */
  readonly connection: number | undefined;
}

/** Where a request goes. */
export interface Target extends SocketAddress {
  readonly protocol: SipProtocol;
}

/** Whether lost messages are the transport's business: timers A, E and G do not run then (RFC 3261 §17). */
export const isReliable = (protocol: SipProtocol): boolean => protocol !== 'udp';
