import { expect, test } from 'vitest';
import { announcement } from '../../../src/panel/announcement.ts';
import type { Frame } from '../../../src/panel/frame.ts';
import { en } from '../../../src/panel/messages/en.ts';
import { sayingOf, stepOf } from '../../../src/panel/step.ts';
import * as sample from '../../support/sample-session.ts';

const failed = { ...sample.emptyField, state: 'failed' as const, reason: 'check-digit' as const };

test.each([
  ['nothing typed', sample.newSession, 'details', 'sayDetails'],
  ['details complete', sample.filledSession, 'pan', 'sayPan'],
  ['card number being keyed', sample.lockedSession, 'pan', 'sayPanLocked'],
  [
    'card number failed',
    { ...sample.newSession, fields: { pan: failed, cvc: sample.emptyField } },
    'pan',
    'sayPanFailed',
  ],
  ['card number taken', sample.panTaken, 'cvc', 'sayCvc'],
  ['code failed', { ...sample.panTaken, fields: { pan: sample.takenPan, cvc: failed } }, 'cvc', 'sayCvcFailed'],
  ['all there', sample.readySession, 'authorise', 'sayReady'],
  ['a detail emptied late', { ...sample.readySession, missing: ['expiry'] }, 'details', 'sayMissing'],
  ['surcharge quoted', sample.surchargeSession, 'authorise', 'saySurcharge'],
  ['paid', sample.succeededSession, 'authorise', 'saySucceeded'],
  ['declined', sample.declinedSession, 'authorise', 'sayDeclined'],
  ['unknown', sample.unknownSession, 'authorise', 'sayUnknown'],
] as const)('%s: the step and what to say', (_, session, step, saying) => {
  const mutable = session as Parameters<typeof stepOf>[0];
  expect(stepOf(mutable)).toBe(step);
  expect(sayingOf(mutable)).toBe(saying);
});

test('sixteen digits are announced four times, not sixteen, and the lock and the end once each', () => {
  const frames = [
    { type: 'capture.locked', field: 'pan' },
    ...Array.from({ length: 16 }, (_, at) => ({
      type: 'capture.progress',
      field: 'pan',
      digits: at + 1,
      mask: '*'.repeat(at + 1),
    })),
    { type: 'capture.completed', field: 'pan', digits: 16, mask: '*'.repeat(16) },
    { type: 'capture.unlocked', field: 'pan' },
  ];
  const spoken = frames.map((frame, seq) => announcement({ seq, ...frame } as Frame, en)).filter(Boolean);
  expect(spoken).toEqual([
    'Call locked. Card number is being taken.',
    'Card number: 4 digits.',
    'Card number: 8 digits.',
    'Card number: 12 digits.',
    'Card number: 16 digits.',
    'Card number complete.',
  ]);
});

test('a failure is announced with its reason and what to do next', () => {
  const frame = { seq: 1, type: 'capture.failed', field: 'cvc', reason: 'too-short' } as Frame;
  expect(announcement(frame, en)).toBe(
    'Security code failed. Some digits were missing. Request it again and ask for all digits on the card.',
  );
});
