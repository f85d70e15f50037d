import type { MessageFault } from '../message/message-fault.ts';
import type { SipMessage } from '../message/sip-message.ts';
import type { Flow } from './flow.ts';

/** Who is told of what arrives. Called once a message, in order of arrival on each connection. */
export interface MessageReceiver {
  onMessage(message: SipMessage, flow: Flow): void;
  /** Whether a keepalive from there is to be answered. */
  answersKeepalive(flow: Flow): boolean;
  /** Bytes that are no message; `fault.status` says whether RFC 3261 wants an answer. */
  onFault(fault: MessageFault, flow: Flow): void;
}
