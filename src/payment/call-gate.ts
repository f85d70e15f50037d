import type { CallId } from '../shared/ids.ts';
import type { SerialQueue } from '../shared/serial-queue.ts';

/** A live call as payments see it. */
export interface PayableCall {
  readonly id: CallId;
  /** The agent who is on the call now; changes with a transfer. */
  readonly agent: string;
  readonly answered: boolean;
  /** All work on this call, telephony's and payment's, goes through this one queue. */
  readonly queue: SerialQueue;
}

/** The calls, and the interlock on them (P-09…P-12). Telephony implements it. */
export interface CallGate {
  /** @returns undefined when the call is unknown or has ended. */
  find(call: CallId): PayableCall | undefined;
  /** From here until `disengage`: no hold, no transfer, no requeue, no conference. Twice is once. */
  engage(call: CallId): void;
  /** Ends the interlock. Harmless when the call is gone. */
  disengage(call: CallId): void;
}

export type HangUpSide = 'caller' | 'agent' | 'gateway';
