import type { CaptureFailure } from '../shared/capture-failure.ts';
import type { CardBrand } from '../shared/card-brand.ts';
import type { CardField } from '../shared/card-field.ts';
import type { ErrorCode } from '../shared/coded-error.ts';

/*
 * One capture slot of a payment session: at most one field is taken at a time.
 *
 *   idle ──request──▶ securing ──secured──▶ capturing ──completed│failed│stop│mediaLost──▶ releasing ──released──▶ idle
 *                        └──────refused│secured after stop─────────────────────────────────────▲
 *
 * What a client sees of one capture, always in this order: locked, progress*, completed|failed, unlocked. `locked` is said
 * only after the room has confirmed the lock, `unlocked` only after it has confirmed the release.
 *
 * Deaths, all of them:
 *   refused          the lock could not be confirmed. It may be in force all the same (it fails closed): release is asked
 *                    for, nothing is announced, the command gets the code.
 *   stop             while securing it waits for the room's word, so that a late "secured" never meets an idle slot; while
 *                    capturing it is a failure `stopped`; while releasing it is already happening.
 *   mediaLost        no sound from a leg, the call lives: a failure `media-lost`, then the release as always.
 *   callEnded        the lock dies with the call: failure with the side's reason if the lock was announced, no `unlocked`
 *                    because there is nothing left to unlock, what was keyed is wiped.
 *   releaseFailed    stays locked and asks again, until the room confirms or the call ends. Never unlocked by hope.
 */

/** What was heard of a field while its lock was still waiting for the confirmation: the room's two voices may overtake. */
interface Early {
  readonly digits: number | null;
  readonly ending: FieldEnding | null;
}

export type FieldEnding =
  | {
      readonly kind: 'completed';
      readonly digits: number;
      readonly brand: CardBrand | null;
      readonly lastFour: string | null;
      /** Of a card number: which card of the call it is. */
      readonly card: number | null;
      /** Of the keypad test: how many keys came twice. */
      readonly doubled: number | null;
      readonly value: string | null;
    }
  | { readonly kind: 'failed'; readonly reason: CaptureFailure };

export type CaptureState =
  | { readonly name: 'idle' }
  | { readonly name: 'securing'; readonly field: CardField; readonly stopAsked: boolean; readonly early: Early }
  | { readonly name: 'capturing'; readonly field: CardField }
  /** `announced`: the client was told `locked`, so it will be told `unlocked`. */
  | {
      readonly name: 'releasing';
      readonly field: CardField;
      readonly announced: boolean;
      readonly stop: boolean;
      readonly wipe: boolean;
    };

/** Why a running capture dies with its call. */
export type CallDeath = 'caller-hung-up' | 'agent-hung-up' | 'media-lost';

export type CaptureEvent =
  | { readonly kind: 'request'; readonly field: CardField }
  | { readonly kind: 'secured' }
  | { readonly kind: 'refused'; readonly code: ErrorCode }
  | { readonly kind: 'progress'; readonly field: CardField; readonly digits: number }
  | { readonly kind: 'ended'; readonly field: CardField; readonly ending: FieldEnding }
  | { readonly kind: 'stop' }
  | { readonly kind: 'mediaLost' }
  | { readonly kind: 'callEnded'; readonly death: CallDeath }
  | { readonly kind: 'released' }
  | { readonly kind: 'releaseFailed' };

export type CaptureEffect =
  | { readonly kind: 'openField'; readonly field: CardField }
  /** In this order, each confirmed before the next: close the field, wipe it, end the lock. Answered by `released` or `releaseFailed`. */
  | {
      readonly kind: 'release';
      readonly stop: boolean;
      readonly wipe: CardField | null;
      readonly again: boolean;
    }
  | { readonly kind: 'wipe'; readonly field: CardField }
  | { readonly kind: 'locked'; readonly field: CardField }
  | { readonly kind: 'progress'; readonly field: CardField; readonly digits: number }
  | { readonly kind: 'ended'; readonly field: CardField; readonly ending: FieldEnding }
  | { readonly kind: 'unlocked'; readonly field: CardField }
  /** The command that asked for the capture is answered: null is success. */
  | { readonly kind: 'answer'; readonly code: ErrorCode | null };

export interface CaptureStep {
  readonly state: CaptureState;
  readonly effects: readonly CaptureEffect[];
}

export const idleCapture: CaptureState = { name: 'idle' };

const unheard: Early = { digits: null, ending: null };

/** @returns undefined when the event means nothing in this state. */
export function captureTransition(state: CaptureState, event: CaptureEvent): CaptureStep | undefined {
  switch (state.name) {
    case 'idle':
      if (event.kind !== 'request') return undefined;
      return {
        state: { name: 'securing', field: event.field, stopAsked: false, early: unheard },
        effects: [{ kind: 'openField', field: event.field }],
      };
    case 'securing':
      return whileSecuring(state, event);
    case 'capturing':
      return whileCapturing(state, event);
    case 'releasing':
      return whileReleasing(state, event);
  }
}

function whileSecuring(state: CaptureState & { name: 'securing' }, event: CaptureEvent): CaptureStep | undefined {
  const { field } = state;
  switch (event.kind) {
    case 'secured':
      return state.stopAsked ? abandon(field, 'no-capture') : begin(field, state.early);
    case 'refused':
      return abandon(field, event.code);
    case 'progress':
      if (event.field !== field) return undefined;
      return { state: { ...state, early: { ...state.early, digits: event.digits } }, effects: [] };
    case 'ended':
      if (event.field !== field) return undefined;
      return { state: { ...state, early: { ...state.early, ending: event.ending } }, effects: [] };
    case 'stop':
    case 'mediaLost':
      return { state: { ...state, stopAsked: true }, effects: [] };
    case 'callEnded':
      return {
        state: idleCapture,
        effects: [
          { kind: 'wipe', field },
          { kind: 'answer', code: 'call-ended' },
        ],
      };
    default:
      return undefined;
  }
}

/** The lock is confirmed: say so, then what was heard meanwhile. */
function begin(field: CardField, early: Early): CaptureStep {
  let step: CaptureStep = {
    state: { name: 'capturing', field },
    effects: [
      { kind: 'locked', field },
      { kind: 'answer', code: null },
    ],
  };
  const heard: CaptureEvent[] = [];
  if (early.digits !== null) heard.push({ kind: 'progress', field, digits: early.digits });
  if (early.ending !== null) heard.push({ kind: 'ended', field, ending: early.ending });
  for (const event of heard) {
    const next = captureTransition(step.state, event);
    if (next !== undefined) step = { state: next.state, effects: [...step.effects, ...next.effects] };
  }
  return step;
}

/** A capture that never began for the client. */
function abandon(field: CardField, code: ErrorCode): CaptureStep {
  return {
    state: { name: 'releasing', field, announced: false, stop: true, wipe: true },
    effects: [
      { kind: 'answer', code },
      { kind: 'release', stop: true, wipe: field, again: false },
    ],
  };
}

function whileCapturing(state: CaptureState & { name: 'capturing' }, event: CaptureEvent): CaptureStep | undefined {
  const { field } = state;
  switch (event.kind) {
    case 'progress':
      if (event.field !== field) return undefined;
      return { state, effects: [{ kind: 'progress', field, digits: event.digits }] };
    case 'ended':
      if (event.field !== field) return undefined;
      return finish(field, event.ending, false);
    case 'stop':
      return finish(field, { kind: 'failed', reason: 'stopped' }, true);
    case 'mediaLost':
      return finish(field, { kind: 'failed', reason: 'media-lost' }, true);
    case 'callEnded':
      return {
        state: idleCapture,
        effects: [
          { kind: 'wipe', field },
          { kind: 'ended', field, ending: { kind: 'failed', reason: event.death } },
        ],
      };
    default:
      return undefined;
  }
}

function finish(field: CardField, ending: FieldEnding, stop: boolean): CaptureStep {
  const wipe = ending.kind === 'failed';
  return {
    state: { name: 'releasing', field, announced: true, stop, wipe },
    effects: [
      { kind: 'ended', field, ending },
      { kind: 'release', stop, wipe: wipe ? field : null, again: false },
    ],
  };
}

function whileReleasing(state: CaptureState & { name: 'releasing' }, event: CaptureEvent): CaptureStep | undefined {
  switch (event.kind) {
    case 'released':
      return { state: idleCapture, effects: state.announced ? [{ kind: 'unlocked', field: state.field }] : [] };
    case 'releaseFailed': {
      const wipe = state.wipe ? state.field : null;
      return { state, effects: [{ kind: 'release', stop: state.stop, wipe, again: true }] };
    }
    case 'callEnded':
      return { state: idleCapture, effects: state.wipe ? [{ kind: 'wipe', field: state.field }] : [] };
    default:
      return undefined;
  }
}
