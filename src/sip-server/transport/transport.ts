import type { Flow, SipProtocol, SocketAddress } from './flow.ts';
import type { ListenPoint } from './listen-point.ts';

/** One bound listen point. */
export interface Transport {
  readonly protocol: SipProtocol;
  /** What is bound, with the port that the system chose. */
  readonly point: ListenPoint;
  /** Open connections; 0 for UDP. */
  readonly connections: number;
  /**
   * Sends one message. Over TCP it takes the flow's connection if that is still open, else any to the same address,
   * else makes one. `failed` is called at most once, later, if the message could not be handed to the network.
   */
  send(bytes: Buffer, flow: Flow, failed: () => void): void;
  /** The open connection to this address, if there is one. */
  connectionTo(remote: SocketAddress): number | undefined;
  isOpen(connection: number): boolean;
  close(): Promise<void>;
}
