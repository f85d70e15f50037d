import type { SessionView } from '../../payment/session-view.ts';
import type { Transaction } from '../../payment/transaction.ts';
import type { CallView } from '../../telephony/call-view.ts';
import type { DetailsEditor } from '../details-editor.ts';
import type { Messages } from '../messages/en.ts';
import type { Language } from '../messages/language.ts';
import type { PanelState } from '../panel-state.ts';

/** What only this browser knows: what is unfolded, half chosen or under way. Nothing of it is kept anywhere. */
export interface LocalState {
  readonly chosenCall: string | null;
  readonly hidden: boolean;
  /** The command under way; one at a time. */
  readonly busy: string | null;
  readonly problem: string | null;
  /** What the agent is asked to confirm: closing a payment that has begun, or giving back one that was taken. */
  readonly asking: 'close' | 'void' | null;
  /** The provider picked in the drop-down and not committed yet; null while the drop-down is shut. */
  readonly pickedPsp: string | null;
  readonly adding: { readonly type: string; readonly amount: string } | null;
  /** The input for the whole bill is unfolded. */
  readonly splitting: boolean;
  readonly history: { readonly items: readonly Transaction[] | null } | null;
  readonly copied: string | null;
  /** The fields whose absence has been pointed at by a jump. */
  readonly pointed: string | null;
  /** The provider's later answer to an unknown payment. */
  readonly resolved: 'paid' | 'not-paid' | 'still-unknown' | null;
}

export const initialLocal: LocalState = {
  chosenCall: null,
  hidden: false,
  busy: null,
  problem: null,
  asking: null,
  pickedPsp: null,
  adding: null,
  splitting: false,
  history: null,
  copied: null,
  pointed: null,
  resolved: null,
};

/** Commands of the agent, as buttons call them. None throws; a refusal is shown as `problem`. */
export interface Actions {
  set(change: Partial<LocalState>): void;
  switchLanguage(): void;
  open(callId: string): void;
  close(): void;
  commitPsp(): void;
  changeDetail(name: string, value: string | number): void;
  addPayment(): void;
  removePayment(n: number): void;
  capture(field: string): void;
  stopCapture(): void;
  acceptSurcharge(): void;
  command(name: 'authorise' | 'retry' | 'new-payment' | 'cancel' | 'enquiry'): void;
  toggleHistory(): void;
  copy(reference: string): void;
  /** Goes to a field; what must be unfolded for it comes along. */
  jump(field: string, unfold?: Partial<LocalState>): void;
}

/** All that a view may draw from. */
export interface Scene {
  readonly m: Messages;
  readonly language: Language;
  readonly state: PanelState;
  readonly call: CallView | undefined;
  readonly session: SessionView | undefined;
  readonly local: LocalState;
  readonly editor: DetailsEditor;
  readonly act: Actions;
  /** The line of what to say, or an empty text where the desktop wants none. */
  readonly saying: string;
}

export type SessionScene = Scene & { readonly session: SessionView };

export const can = (scene: SessionScene, command: string): boolean => scene.session.can.includes(command);

/** A button is dead while another command is under way: nothing is clicked twice. */
export const idle = (scene: Scene): boolean => scene.local.busy === null;
