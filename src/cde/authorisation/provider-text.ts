import type { AuthorisationOutcome, EnquiryAnswer, RefundOutcome } from '../messages.ts';

/** What of a provider's words goes on: longer ones are cut. Named limits of what a panel shows and a journal holds. */
const limits = { reference: 128, code: 64, message: 256 } as const;

/** Control and format characters, line separators, lone surrogates: they are for terminals and logs to fall over. */
const unprintable = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** The answer with its words made printable and short. */
export function withPlainWords<T extends AuthorisationOutcome | EnquiryAnswer | RefundOutcome>(answer: T): T {
  const entries = Object.entries(answer).map(([name, value]: [string, unknown]) => {
    const max = Object.entries(limits).find(([member]) => member === name)?.[1];
    return [name, typeof value === 'string' && max !== undefined ? plain(value, max) : value];
  });
  return Object.fromEntries(entries) as T;
}

const plain = (text: string, max: number): string => text.replace(unprintable, ' ').trim().slice(0, max);
