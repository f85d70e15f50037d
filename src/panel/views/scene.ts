import type { TemplateResult } from 'lit/html.js';
import type { SessionView } from '../../payment/session-view.ts';
import type { CallView } from '../../telephony/call-view.ts';
import type { Finding } from '../annex/finding.ts';
import type { Giving } from '../annex/giving.ts';
import type { CallHistory, Commands, HouseWords } from '../commands.ts';
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
  readonly history: CallHistory | 'gone' | null;
  /** The payment of the history that is being given back. */
  readonly giving: Giving | null;
  /** A search among all payments, in place of the call's own. */
  readonly finding: Finding | null;
  readonly copied: string | null;
  /** The fields whose absence has been pointed at by a jump. */
  readonly pointed: string | null;
  /** The provider's later answer to an unknown payment. */
  readonly resolved: 'paid' | 'not-paid' | 'still-unknown' | null;
  /** The closed session whose afterword the agent has put away. */
  readonly putAway: string | null;
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
  giving: null,
  finding: null,
  copied: null,
  pointed: null,
  resolved: null,
  putAway: null,
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
  /** As `set`, for what stands in the annex. */
  unfold(change: Partial<LocalState>): void;
  loadHistory(): Promise<void>;
  /** The one that throws, a {@link Problem}: what a refusal means for the money is for the history to say. */
  ask(method: string, url: string, body?: object): Promise<unknown>;
  copy(reference: string): Promise<void>;
  /** Goes to a field; what must be unfolded for it comes along. */
  jump(field: string, unfold?: Partial<LocalState>): void;
}

/** What most payments need nothing of; loaded when it is first asked for, as one file. */
export interface Annex {
  readonly styles: string;
  /** The texts of the panel, with those in place that are true of calls that are locked in another way than by silence. */
  trueWords(language: Language, audio: HouseWords['audio'] | undefined, m: Messages): Messages;
  recall(shown: SessionView, commands: Commands | undefined): Promise<SessionView | undefined>;
  afterword(scene: SessionScene): TemplateResult;
  balance(scene: SessionScene): unknown;
  history(scene: Scene, shown: CallHistory): TemplateResult;
  keypadNote(scene: SessionScene): unknown;
  declineReason(scene: SessionScene): unknown;
  providerWord(scene: SessionScene): unknown;
  allPayments(scene: SessionScene): unknown;
  addedLines(scene: SessionScene): unknown;
  paymentAdder(scene: SessionScene, adding: NonNullable<LocalState['adding']>): TemplateResult;
  pspPicker(scene: SessionScene, picked: string): TemplateResult;
  /** Undefined where the code has no words of its own. */
  problemText(language: Language, code: string): string | undefined;
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
  /** Undefined until something was asked for that most payments need nothing of. */
  readonly annex: Annex | undefined;
  /** False once the server has said that this agent may take no payments. */
  readonly mayTake: boolean;
  /** As `HouseWords.searchField`. */
  readonly searchField: string | null | undefined;
  /** The line of what to say, or an empty text where the desktop wants none. */
  readonly saying: string;
}

export type SessionScene = Scene & { readonly session: SessionView };

export const can = (scene: SessionScene, command: string): boolean => scene.session.can.includes(command);

/** A button is dead while another command is under way: nothing is clicked twice. */
export const idle = (scene: Scene): boolean => scene.local.busy === null;
