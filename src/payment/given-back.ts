/** What of a payment was given back at the refund desk, apart from the session that took it. Minor units. */
export interface GivenBack {
  readonly amount: number;
  /** What more may have been given back: nobody can say. */
  readonly unknown: number;
  /** Something is being given back now. */
  readonly running: boolean;
}

export const nothingBack: GivenBack = { amount: 0, unknown: 0, running: false };

export const isUntouched = ({ amount, unknown, running }: GivenBack): boolean => !running && amount + unknown === 0;

/** What happens at the refund desk to a payment. */
export type GivingBack =
  | { readonly step: 'begun' }
  | { readonly step: 'done' | 'refused' | 'unknown'; readonly whole: boolean; readonly amount: number };

/** @returns undefined when the payment does not stand any more. */
export function giveBack(back: GivenBack, next: GivingBack): GivenBack | undefined {
  switch (next.step) {
    case 'begun':
      return { ...back, running: true };
    case 'refused':
      return { amount: back.amount, unknown: 0, running: false };
    case 'unknown':
      return { amount: back.amount, unknown: next.amount, running: false };
    case 'done':
      return next.whole ? undefined : { amount: back.amount + next.amount, unknown: 0, running: false };
  }
}
