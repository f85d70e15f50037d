import { describe, expect, test } from 'vitest';
import { looksLikeCardNumber } from '../../../src/payment/card-like-text.ts';
import { amountMax, fittingDetails, patchDetails } from '../../../src/payment/details.ts';
import { simulatorPsp } from '../../support/fake-card-room.ts';

const fault = (patch: Record<string, string | number | null>): unknown => {
  try {
    return patchDetails({}, patch, simulatorPsp);
  } catch (error) {
    return error;
  }
};

describe('text that may be a card number', () => {
  test.each([
    '4111111111111111',
    '378282246310005',
    '6304000000000000',
    '4000000000000000006',
    '4111 1111 1111 1111',
    '4111-1111-1111-1111',
    '4111.1111.1111.1111',
    '4111 – 1111 – 1111 – 1111',
    'card: 5555555555554444, thanks',
    '4111 1111 1111 1111 12/30',
    '4111111111111111 737',
    'room 12 4111 1111 1111 1111',
    '４１１１１１１１１１１１１１１１',
  ])('%s does', (text) => expect(looksLikeCardNumber(text)).toBe(true));

  test.each(['4111111111111112', '41111111111', 'INV-2026-11-24', '12/30', '', 'A N OTHER', '0120-444-444'])(
    '%s does not',
    (text) => expect(looksLikeCardNumber(text)).toBe(false),
  );
});

describe('details', () => {
  test.each([
    ['amount', 0],
    ['amount', -1],
    ['amount', 10.5],
    ['amount', '5000'],
    ['amount', amountMax + 1],
    ['amount', 4111111111111111],
    ['currency', 'EUR'],
    ['expiry', '13/30'],
    ['expiry', '2030-12'],
    ['channel', 'post'],
    ['cardholder', 12],
    ['cardholder', 'a\u0007b'],
    ['cardholder', 'a\u202eb'],
    ['cardholder', 'x'.repeat(129)],
    ['cardholder', '4111 1111 1111 1111'],
    ['reference', '5555-5555-5555-4444'],
    ['nickname', 'Bob'],
    ['__proto__x', 'x'],
    ['constructor', 'x'],
  ])('%s may not be %s', (name, value) => {
    expect(fault({ [name]: value })).toMatchObject({ code: 'bad-detail', about: [name] });
  });

  test('all that is wrong is named at once, and never its value', () => {
    const error = fault({ amount: -1, expiry: '99/99', cardholder: 'A N OTHER' });
    expect(error).toMatchObject({ code: 'bad-detail', about: ['amount', 'expiry'], message: 'bad detail' });
  });

  test('a type that the provider does not offer has a code of its own (P-19)', () => {
    expect(fault({ type: 'gift' })).toMatchObject({ code: 'unknown-type', about: ['type'] });
  });

  test('are what the patch says; null or an empty text empties a field; the currency follows from the provider', () => {
    const details = patchDetails(
      { cardholder: 'A', reference: 'r' },
      { cardholder: null, reference: '', amount: 1 },
      simulatorPsp,
    );
    expect(details).toEqual({ amount: 1, currency: 'JPY' });
  });

  test('a provider that only makes tokens needs no choice of type (P-20)', () => {
    expect(patchDetails({}, {}, { ...simulatorPsp, types: ['tokenise'] })).toMatchObject({ type: 'tokenise' });
  });

  test('prefilled values that do not fit fall away, those of the configuration before those of the provider (P-32)', () => {
    const [cardholder, ...rest] = simulatorPsp.fields;
    if (cardholder === undefined) throw new Error('no field');
    const psp = { ...simulatorPsp, fields: [{ ...cardholder, prefill: 'FROM PSP' }, ...rest] };
    expect(fittingDetails({ reference: 'r', expiry: 'never', nickname: 'x' }, psp)).toEqual({
      cardholder: 'FROM PSP',
      reference: 'r',
      currency: 'JPY',
    });
    expect(fittingDetails({ cardholder: 'CONFIG' }, psp)).toMatchObject({ cardholder: 'CONFIG' });
  });
});
