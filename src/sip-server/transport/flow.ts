export type SipProtocol = 'udp' | 'tcp' | 'tls';

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
  /** Which connection; undefined for UDP and for one that has yet to be made. */
  readonly connection: number | undefined;
  /** For a TLS connection that has yet to be made: whose name the certificate has to carry (RFC 5922 §7.2). */
  readonly serverName?: string | undefined;
}

/** Where a request goes. */
export interface Target extends SocketAddress {
  readonly protocol: SipProtocol;
  /** The host that the URI named. */
  readonly serverName?: string | undefined;
}

/** Whether lost messages are the transport's business: timers A, E and G do not run then (RFC 3261 §17). */
export const isReliable = (protocol: SipProtocol): boolean => protocol !== 'udp';
