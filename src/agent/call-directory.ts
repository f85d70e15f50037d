import type { CallView } from '../telephony/call-view.ts';

/** The calls as the API shows them: those of every gateway where a list is asked for, else this one's. */
export interface CallDirectory {
  /** Live calls that the agent is on now. */
  callsOf(agent: string): Promise<CallView[]> | CallView[];
  all(): Promise<CallView[]> | CallView[];
  /** @returns undefined when the call is unknown or long over. */
  find(callId: string): CallView | undefined;
  /**
   * Whether the call is or was this agent's, also by transfer, so that its history may be read (P-70); true of a call that is
   * not known any more, which the desk judges by its payments.
   */
  mayRead(callId: string, agent: string): boolean;
}
