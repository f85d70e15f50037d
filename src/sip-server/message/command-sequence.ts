import { remembered } from './remembered.ts';

/** CSeq: a number below 2³¹ and the method (RFC 3261 §8.1.1.5, §20.16). */
export interface CommandSequence {
  readonly number: number;
  readonly method: string;
}

const shape = /^(\d{1,20})\s+([^\s]+)$/;

export const parseCommandSequence = remembered(readSequence);

function readSequence(text: string): CommandSequence | undefined {
  const found = shape.exec(text);
  const number = Number(found?.[1]);
  return found !== null && number < 2 ** 31 ? { number, method: found[2] as string } : undefined;
}
