import { asKeyCode, type KeyCode } from '../../src/cde/dtmf/key-code.ts';
import { DigitBuffer } from '../../src/cde/entry/digit-buffer.ts';

/** A buffer with the digits of a text in it, as if a customer had keyed them. */
export function filledBuffer(digits: string): DigitBuffer {
  const buffer = new DigitBuffer(Math.max(19, digits.length));
  for (const digit of digits) buffer.push(asKeyCode(Number(digit)) as KeyCode);
  return buffer;
}
