import { describe, expect, it } from 'vitest';
import { withoutCardLikeText, withoutEcho } from '../../../src/cde/authorisation/echo.ts';
import { withPlainWords } from '../../../src/cde/authorisation/provider-text.ts';

const visa = Buffer.from('4111111111111111');
const code = Buffer.from('123');

const declined = (message: string) => ({ outcome: 'declined', code: '51', message, retryable: false }) as const;

describe('a message of the provider', () => {
  it.each([
    ['names the security code', 'CVV 123 is wrong', ''],
    ['names it beside signs', 'cvc=123;', ''],
    ['has it within a longer number', 'error 51234', 'error 51234'],
    ['has nothing to do with it', 'call 0800-555', 'call 0800-555'],
  ])('that %s', (_, said, heard) => {
    expect(withoutEcho(declined(said), visa, code)).toMatchObject({ message: heard });
  });
});

describe('an answer about a payment whose card is gone', () => {
  it.each([
    ['a card number', 'P-4111111111111111', null],
    ['one in groups', '5555 5555 5555 4444', null],
    ['one of 19 digits', '4000000000000000006', null],
    ['a number with a wrong check digit', '4111111111111112', '4111111111111112'],
    ['a number of no brand', '9111111111111114', '9111111111111114'],
    ['a reference like most', 'ch_3MmlLrLkdIwHu7ix0snN0B15', 'ch_3MmlLrLkdIwHu7ix0snN0B15'],
  ])('with %s as its reference', (_, said, heard) => {
    expect(withoutCardLikeText({ answer: 'paid', reference: said })).toEqual({ answer: 'paid', reference: heard });
    expect(withoutCardLikeText({ outcome: 'refunded', reference: said })).toMatchObject({ reference: heard });
  });

  it('has its words withheld too', () => {
    const refused = { outcome: 'declined', code: '4111111111111111', message: 'of 4111-1111-1111-1111' } as const;
    expect(withoutCardLikeText(refused)).toEqual({ outcome: 'declined', code: 'withheld', message: '' });
  });
});

it('words are made printable and short, whatever they are', () => {
  const said = {
    outcome: 'declined',
    code: 'x'.repeat(300),
    message: '\u001b[31mno\u202e\n',
    retryable: true,
  } as const;
  expect(withPlainWords(said)).toEqual({
    outcome: 'declined',
    code: 'x'.repeat(64),
    message: '[31mno',
    retryable: true,
  });
});
