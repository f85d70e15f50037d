import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fieldsOf, readField, showField } from '../../../src/panel/field-value.ts';
import { formatMoney, parseMoney } from '../../../src/panel/money.ts';
import { parseMonthYear } from '../../../src/panel/month-year.ts';
import { holdsCardNumber } from '../../../src/panel/typed-card-number.ts';
import { looksLikeCardNumber } from '../../../src/payment/card-like-text.ts';
import { newSession } from '../../support/sample-session.ts';

test.each([
  ['12.50', 'EUR', 1250],
  ['12.5', 'EUR', 1250],
  ['1,200', 'EUR', 120_000],
  ['１２００', 'JPY', 1200],
  ['¥1,200', 'JPY', 1200],
  ['0.005', 'BHD', 5],
  ['12,50', 'EUR', undefined],
  ['1,20', 'JPY', undefined],
  ['1 234 567.8', 'EUR', 123_456_780],
  ['12.505', 'EUR', undefined],
  ['12.5', 'JPY', undefined],
  ['0', 'EUR', undefined],
  ['-5', 'EUR', undefined],
  ['1e3', 'EUR', undefined],
  ['', 'EUR', undefined],
])('the amount "%s" in %s is %s minor units', (text, currency, minor) => {
  expect(parseMoney(text, currency)).toBe(minor);
});

test('an amount that is shown and read again is the same to the last minor unit', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 99_999_999_999 }),
      fc.constantFrom('EUR', 'JPY', 'BHD', 'USD'),
      (minor, currency) => {
        expect(parseMoney(showField('amount', minor, currency), currency)).toBe(minor);
      },
    ),
  );
});

test('money is written the way of the language', () => {
  expect(formatMoney(1250, 'EUR', 'en')).toBe('€12.50');
  expect(formatMoney(1200, 'JPY', 'ja')).toMatch(/^[¥￥]1,200$/);
});

test.each([
  ['04/28', '04/28'],
  ['0428', '04/28'],
  ['4/28', '04/28'],
  ['04 / 2028', '04/28'],
  ['０４－２８', '04/28'],
  ['13/28', undefined],
  ['00/28', undefined],
  ['28', undefined],
  ['april', undefined],
])('the date "%s" is read as %s', (text, date) => {
  expect(parseMonthYear(text)).toBe(date);
});

test.each([
  ['4111 1111 1111 1111', true],
  ['card 378282246310005 please', true],
  ['４１１１１１１１１１１１１１１１', true],
  ['4111111111111112', false],
  ['4111', false],
  ['INV-2026-000123', false],
  ['4111 1111 1111 1111 04/28', true],
  ['4111111111111111 123', true],
  ['12 5555-5555-5555-4444 99', true],
  ['6304 0000 0000 0000 1', true],
])('"%s" held to be a card number: %s', (text, holds) => {
  expect(holdsCardNumber(text)).toBe(holds);
});

test('the panel holds for a card number whatever the server refuses as one, and nothing else', () => {
  const piece = fc.constantFrom(
    '4111111111111111',
    '378282246310005',
    '6304000000000000',
    '4000000000000000006',
    '4111',
    '1111',
    '5555',
    '4444',
    '０４',
    '28',
    '/',
    ' ',
    '-',
    '–',
    '.',
    'INV',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      expect(holdsCardNumber(pieces.join(''))).toBe(looksLikeCardNumber(pieces.join('')));
    }),
    { numRuns: 2000 },
  );
});

test('a card number that an agent types is never sent, whatever field it is typed into', () => {
  for (const kind of ['text', 'amount', 'date', 'choice'] as const) {
    expect(readField(kind, '5555 5555 5555 4444', 'EUR')).toEqual({ problem: 'holdsCard' });
  }
});

test('an emptied field is sent as such, and a wrong one says what is wrong', () => {
  expect(readField('text', '  ', 'EUR')).toEqual({ value: null });
  expect(readField('amount', '1.5', 'JPY')).toEqual({ problem: 'amountNoDecimals' });
  expect(readField('date', '99/99', 'EUR')).toEqual({ problem: 'dateInvalid' });
});

test('fields follow the transaction type, and what the server misses besides gets a field too (P-18, P-24)', () => {
  const names = (session: typeof newSession): string[] => fieldsOf(session).map((field) => field.name);
  expect(names(newSession)).toEqual(['amount', 'cardholder', 'expiry', 'reference']);
  expect(names({ ...newSession, details: { type: 'tokenise' }, missing: ['pan'] })).toEqual([
    'cardholder',
    'expiry',
    'reference',
  ]);
  expect(names({ ...newSession, missing: ['startDate', 'type'] })).toEqual([
    'amount',
    'cardholder',
    'expiry',
    'reference',
    'startDate',
  ]);
});
