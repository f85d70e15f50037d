import type { ErrorCode } from '../shared/coded-error.ts';

/** What the desk tells of its work: names, counts, milliseconds. Must not throw. */
export interface DeskObserver {
  commandRefused(command: string, code: ErrorCode): void;
  /** Something came that means nothing in the session's state: late, twice, or a fault. */
  meaningless(input: string): void;
  /** Milliseconds from the command to the room's confirmation. */
  callSecured(ms: number): void;
  /** Milliseconds from the sending to the provider's answer. */
  paymentAnswered(psp: string, outcome: string, ms: number): void;
  roomFailed(request: string, code: ErrorCode): void;
  /** An entry could not be written; outcomes are tried again, everything else is lost or was refused. */
  storageFailed(entry: string): void;
  enquiryAnswered(psp: string, answer: string): void;
}
