import type { SipMessage, SipResponse } from '../message/sip-message.ts';
import type { Flow } from '../transport/flow.ts';
import type { CallRecord, Passage } from './client-line.ts';

/** What became of a SIP message that an application wanted sent. */
export type Reply =
  | {
      readonly ok: true;
      readonly message: SipMessage;
      readonly flow: Flow;
      readonly transactionId: string;
      readonly dialogId: string;
    }
  | { readonly ok: false; readonly reason: string };

/** One connected application, as the switchboard sees it. All calls are harmless after it has gone. */
export interface Client {
  readonly connected: boolean;
  /** Passes a SIP message up. */
  pass(message: SipMessage, passage: Passage): void;
  /** Answers one message of the application. */
  reply(messageId: string, reply: Reply): void;
  /** Tells of a call, whoever it belongs to. */
  record(record: CallRecord, message: SipMessage): void;
  /** An answer that a proxied request got; `proxied` without one ends the list. */
  proxied(messageId: string, response?: SipResponse, flow?: Flow): void;
}
