import { brandRule } from '../entry/brand-table.ts';
import { luhnHolds } from '../entry/luhn.ts';
import type { AuthorisationOutcome, EnquiryAnswer, RefundOutcome } from '../messages.ts';

const asciiZero = 0x30;
const asciiNine = 0x39;

/** More digits in a row than a BIN has are no coincidence. */
const tellingRun = 9;

/**
 * An outcome that may leave the room: providers are known to quote the card in references and messages. A reference that
 * does so is withheld, and so is a message; a message also when the security code stands in it as a number of its own.
 */
export function withoutEcho(
  outcome: AuthorisationOutcome,
  cardNumber: Uint8Array,
  code: Uint8Array | null = null,
): AuthorisationOutcome {
  const tells = (text: string) => quotes(text, cardNumber) || (code !== null && names(text, code));
  switch (outcome.outcome) {
    case 'approved':
      return outcome.reference !== null && quotes(outcome.reference, cardNumber)
        ? { ...outcome, reference: null }
        : outcome;
    case 'declined':
      return tells(`${outcome.code} ${outcome.message}`) ? { ...outcome, code: 'declined', message: '' } : outcome;
    case 'unknown':
    case 'not-sent':
      return tells(outcome.code) ? { ...outcome, code: 'withheld' } : outcome;
    case 'surcharge':
      return outcome;
  }
}

/**
 * The same for an answer about a payment whose card is wiped already: there is nothing to compare with, so a reference or
 * a message that could be a card number is withheld. The payment is found by its attempt all the same.
 */
export function withoutCardLikeText<T extends EnquiryAnswer | RefundOutcome>(answer: T): T {
  const suspect = (name: string): boolean => {
    const text: unknown = Object.entries(answer).find(([member]) => member === name)?.[1];
    return typeof text === 'string' && couldBeCard(text);
  };
  return {
    ...answer,
    ...(suspect('reference') && { reference: null }),
    ...(suspect('message') && { message: '' }),
    ...(suspect('code') && { code: 'withheld' }),
  };
}

/** Whether {@link tellingRun} digits of the card number stand in the text in their order, whatever stands between them. */
export function quotes(text: string, cardNumber: Uint8Array): boolean {
  const digits = digitsOf(text);
  let found = false;
  for (let from = 0; from + tellingRun <= cardNumber.length && !found; from += 1) {
    found = digits.includes(Buffer.from(cardNumber.buffer, cardNumber.byteOffset + from, tellingRun));
  }
  digits.fill(0);
  return found;
}

/** Whether a group of digits in the text is exactly the code. */
const names = (text: string, code: Uint8Array): boolean =>
  (text.match(/\d+/g) ?? []).some((group) => group.length === code.length && digitsOf(group).equals(code));

/** A run of digits, also one in groups, that is a card number of a known brand by its length and check digit. */
const couldBeCard = (text: string): boolean =>
  [...(text.match(/\d+/g) ?? []), ...(text.match(/\d+(?:[\s.-]\d+)+/g) ?? [])].some((run) => {
    const digits = digitsOf(run);
    return brandRule(digits)?.lengths.includes(digits.length) === true && luhnHolds(digits);
  });

function digitsOf(text: string): Buffer {
  const digits = Buffer.alloc(text.length);
  let length = 0;
  for (let at = 0; at < text.length; at += 1) {
    const byte = text.charCodeAt(at);
    if (byte >= asciiZero && byte <= asciiNine) {
      digits[length] = byte;
      length += 1;
    }
  }
  return digits.subarray(0, length);
}
