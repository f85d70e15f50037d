import type { SessionEffect, SessionStep } from './session-effect.ts';
import { currencyOf, type Line, lineOf, lineTotal, lineView, type SessionState, withLine } from './session-state.ts';
import { unknownMessages } from './unknown-message.ts';

/** A line changes and the change is told with what the line is afterwards. */
function tellLine(
  state: SessionState,
  n: number,
  change: Partial<Line>,
  tell: (line: Line) => SessionEffect,
): SessionStep {
  const next = withLine(state, n, change);
  const line = lineOf(next, n);
  return { state: next, effects: line === undefined ? [] : [tell(line)] };
}

export const succeedLine = (state: SessionState, n: number, reference: string | null): SessionStep =>
  tellLine(state, n, { state: 'succeeded', reference }, (line) => ({
    kind: 'emit',
    event: {
      type: 'payment.succeeded',
      payment: lineView(line),
      reference,
      paymentType: line.type ?? 'charge',
      amount: lineTotal(line),
      currency: currencyOf(state),
    },
  }));

export const declineLine = (
  state: SessionState,
  n: number,
  now: 'declined' | 'not-sent',
  verdict: { code: string; message: string; retryable: boolean },
): SessionStep =>
  tellLine(state, n, { state: now, acceptedSurcharge: null }, (line) => ({
    kind: 'emit',
    event: { type: 'payment.declined', payment: lineView(line), ...verdict },
  }));

export const loseLine = (state: SessionState, n: number): SessionStep =>
  tellLine(state, n, { state: 'unknown' }, (line) => ({
    kind: 'emit',
    event: { type: 'payment.unknown', payment: lineView(line), message: unknownMessages.en, messages: unknownMessages },
  }));

export const cancelLine = (state: SessionState, n: number): SessionStep =>
  tellLine(state, n, { state: 'cancelled' }, (line) => ({
    kind: 'emit',
    event: { type: 'payment.cancelled', payment: lineView(line) },
  }));
