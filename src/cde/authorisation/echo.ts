import type { AuthorisationOutcome } from '../messages.ts';

const asciiZero = 0x30;
const asciiNine = 0x39;

/** More digits in a row than a BIN has are no coincidence. */
const tellingRun = 9;

/**
 * An outcome that may leave the room: providers are known to quote the card in references and messages. A reference that
 * does so is withheld, and so is a message.
 */
export function withoutEcho(outcome: AuthorisationOutcome, cardNumber: Uint8Array): AuthorisationOutcome {
  switch (outcome.outcome) {
    case 'approved':
      return outcome.reference !== null && quotes(outcome.reference, cardNumber)
        ? { ...outcome, reference: null }
        : outcome;
    case 'declined':
      return quotes(`${outcome.code} ${outcome.message}`, cardNumber)
        ? { ...outcome, code: 'declined', message: '' }
        : outcome;
    case 'unknown':
    case 'not-sent':
      return quotes(outcome.code, cardNumber) ? { ...outcome, code: 'withheld' } : outcome;
    case 'surcharge':
      return outcome;
  }
}

/** Whether {@link tellingRun} digits of the card number stand in the text in their order, whatever stands between them. */
export function quotes(text: string, cardNumber: Uint8Array): boolean {
  const digits = Buffer.alloc(text.length);
  let length = 0;
  for (let at = 0; at < text.length; at += 1) {
    const byte = text.charCodeAt(at);
    if (byte >= asciiZero && byte <= asciiNine) {
      digits[length] = byte;
      length += 1;
    }
  }
  let found = false;
  for (let from = 0; from + tellingRun <= cardNumber.length && !found; from += 1) {
    found = digits.includes(Buffer.from(cardNumber.buffer, cardNumber.byteOffset + from, tellingRun));
  }
  digits.fill(0);
  return found;
}
