import type { FieldView, PaymentView, SessionView } from '../../src/payment/session-view.ts';
import type { Transaction } from '../../src/payment/transaction.ts';
import type { CallView } from '../../src/telephony/call-view.ts';

export const sampleCall: CallView = {
  callId: '6a0e1c58-60a1-4f0c-b6b7-5f39d1f5c0de',
  direction: 'inbound',
  state: 'answered',
  agent: '1001',
  sessionId: null,
  keysBy: ['events'],
};

export const emptyField: FieldView = { state: 'empty', digits: 0, mask: '', brand: null, lastFour: null, reason: null };

export const takenPan: FieldView = {
  state: 'complete',
  digits: 16,
  mask: '*'.repeat(16),
  brand: 'visa',
  lastFour: '1111',
  reason: null,
};
export const takenCvc: FieldView = { ...emptyField, state: 'complete', digits: 3, mask: '***' };

const all = ['charge', 'authorise', 'tokenise'] as const;
const paid = ['charge', 'authorise'] as const;

export const samplePsps: SessionView['psps'] = [
  {
    id: 'simulator',
    label: { en: 'Simulator', ja: 'シミュレーター' },
    currencies: ['EUR', 'JPY'],
    types: [...all],
    fields: [
      {
        name: 'amount',
        label: { en: 'Transaction amount', ja: '取引金額' },
        kind: 'amount',
        required: true,
        choices: [],
        types: [...paid],
      },
      {
        name: 'cardholder',
        label: { en: 'Name of the cardholder', ja: 'カード名義人' },
        kind: 'text',
        required: true,
        choices: [],
        types: [...all],
      },
      {
        name: 'expiry',
        label: { en: 'Expiry date', ja: '有効期限' },
        kind: 'date',
        required: true,
        choices: [],
        types: [...all],
      },
      {
        name: 'reference',
        label: { en: 'Reference number', ja: '参照番号' },
        kind: 'text',
        required: false,
        choices: [],
        types: [...all],
      },
    ],
  },
  {
    id: 'vault',
    label: { en: 'Token vault', ja: 'トークン保管庫' },
    currencies: ['EUR'],
    types: ['tokenise'],
    fields: [
      {
        name: 'expiry',
        label: { en: 'Expiry date', ja: '有効期限' },
        kind: 'date',
        required: true,
        choices: [],
        types: ['tokenise'],
      },
      {
        name: 'region',
        label: { en: 'Region', ja: '地域' },
        kind: 'choice',
        required: true,
        choices: ['EU', 'JP'],
        types: ['tokenise'],
      },
    ],
  },
];

export const samplePayment: PaymentView = {
  n: 1,
  id: '0d5d5a51-5a2e-4a6c-8c11-6f5d4a1c9a01',
  type: 'charge',
  amount: 12_550,
  state: 'draft',
  reference: null,
};

const formCommands = ['close', 'details', 'payments', 'captures:pan', 'psp', 'cancel'];

/** A payment that has just been opened: nothing typed, nothing taken. */
export const newSession: SessionView = {
  id: 'f35fbd6e-2b7e-4c35-9d0e-0e0f3a8d7b11',
  callId: sampleCall.callId,
  agent: '1001',
  state: 'details',
  control: 'agent',
  psp: 'simulator',
  psps: samplePsps,
  pspChangesLeft: 1,
  details: { type: 'charge', currency: 'EUR' },
  missing: ['amount', 'cardholder', 'expiry', 'pan', 'cvc'],
  fields: { pan: emptyField, cvc: emptyField },
  payments: [{ ...samplePayment, amount: null }],
  bill: null,
  repeats: [],
  show: { summary: true, history: true },
  locked: false,
  capturing: null,
  surcharge: null,
  outcome: null,
  can: formCommands,
};

const filled = { type: 'charge', currency: 'EUR', amount: 12_550, cardholder: 'A. Sample', expiry: '04/28' };

export const filledSession: SessionView = {
  ...newSession,
  details: filled,
  missing: ['pan', 'cvc'],
  payments: [samplePayment],
};

/** Nine keys of the card number have been pressed. */
export const lockedSession: SessionView = {
  ...filledSession,
  state: 'locked',
  locked: true,
  capturing: 'pan',
  fields: { pan: { ...emptyField, state: 'capturing', digits: 9, mask: '*'.repeat(9) }, cvc: emptyField },
  can: ['close', 'details', 'captures:stop', 'cancel'],
};

export const panTaken: SessionView = {
  ...filledSession,
  missing: ['cvc'],
  fields: { pan: takenPan, cvc: emptyField },
  can: [...formCommands, 'captures:cvc'],
};

export const readySession: SessionView = {
  ...filledSession,
  state: 'ready',
  missing: [],
  fields: { pan: takenPan, cvc: takenCvc },
  can: [...formCommands, 'captures:cvc', 'authorise'],
};

const ended: SessionView = { ...readySession, can: ['close', 'new-payment'] };

export const surchargeSession: SessionView = {
  ...readySession,
  state: 'surcharge',
  surcharge: { amount: 12_550, surcharge: 251, total: 12_801, currency: 'EUR' },
  can: ['close', 'surcharge', 'cancel'],
};

export const succeededSession: SessionView = {
  ...ended,
  state: 'succeeded',
  payments: [{ ...samplePayment, state: 'succeeded', reference: 'SIM-7F3K-20461' }],
  outcome: { code: 'approved', message: 'The payment was accepted.', retryable: false, reference: 'SIM-7F3K-20461' },
};

export const declinedSession: SessionView = {
  ...ended,
  state: 'declined',
  payments: [{ ...samplePayment, state: 'declined' }],
  outcome: { code: 'declined', message: 'Insufficient funds', retryable: true, reference: null },
  can: ['close', 'retry', 'new-payment', 'cancel'],
};

export const unknownSession: SessionView = {
  ...ended,
  state: 'unknown',
  payments: [{ ...samplePayment, state: 'unknown' }],
  outcome: { code: 'unknown', message: 'Do not resubmit.', retryable: false, reference: null },
  can: ['close', 'new-payment', 'enquiry'],
};

/** A payment in the history, of which nothing was given back. */
export const paidTransaction: Transaction = {
  id: 't',
  at: '2026-03-01T10:00:00Z',
  callId: sampleCall.callId,
  agent: '1000',
  psp: 'simulator',
  type: 'charge',
  amount: 5000,
  currency: 'EUR',
  outcome: 'succeeded',
  reference: 'SIM-A',
  brand: 'visa',
  lastFour: '1111',
};
