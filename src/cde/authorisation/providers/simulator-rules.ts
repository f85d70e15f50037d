/** What the simulator does with a payment. */
export type SimulatorDoes =
  | { readonly does: 'approve' }
  | { readonly does: 'approve-without-reference' }
  | { readonly does: 'decline'; readonly code: string; readonly message: string; readonly retryable: boolean }
  | { readonly does: 'quote-surcharge' }
  | { readonly does: 'approve-slowly' }
  /** Takes the request and never answers; no enquiry finds out. */
  | { readonly does: 'time-out' }
  | { readonly does: 'refuse-connection' }
  /** Breaks the connection after the request; the books know what became of it, from the given enquiry on. */
  | { readonly does: 'break-off'; readonly paid: boolean; readonly fromEnquiry: number };

const approve: SimulatorDoes = { does: 'approve' };
const notVerified: SimulatorDoes = {
  does: 'decline',
  code: 'could-not-verify',
  message: 'The security code could not be verified',
  retryable: true,
};
const noFunds: SimulatorDoes = {
  does: 'decline',
  code: 'insufficient-funds',
  message: 'Not enough funds',
  retryable: true,
};
const generic: SimulatorDoes = { does: 'decline', code: 'declined', message: 'The bank declined', retryable: true };
const lost: SimulatorDoes = {
  does: 'decline',
  code: 'lost-card',
  message: 'The card is reported lost',
  retryable: false,
};
const stolen: SimulatorDoes = {
  does: 'decline',
  code: 'stolen-card',
  message: 'The card is reported stolen',
  retryable: false,
};
const expired: SimulatorDoes = {
  does: 'decline',
  code: 'expired-card',
  message: 'The card has expired',
  retryable: true,
};
const processing: SimulatorDoes = {
  does: 'decline',
  code: 'processing-error',
  message: 'The bank could not process the payment',
  retryable: true,
};

/** The surcharge that amounts of `quote-surcharge` and providers without one of their own get, in percent. */
export const simulatedSurchargePercent = 2;
/** How long `approve-slowly` takes. */
export const slowMs = 5_000;

/**
 * By the last two digits of the amount in minor units (12.05 and 1205 are both `05`). Amounts that do not stand here are
 * approved, so every round sum is.
 */
export const amountRules: readonly { readonly ending: string; readonly rule: SimulatorDoes }[] = [
  { ending: '01', rule: approve },
  { ending: '02', rule: generic },
  { ending: '03', rule: stolen },
  { ending: '04', rule: notVerified },
  { ending: '05', rule: { does: 'quote-surcharge' } },
  { ending: '06', rule: { does: 'approve-slowly' } },
  { ending: '07', rule: { does: 'time-out' } },
  { ending: '08', rule: { does: 'refuse-connection' } },
  { ending: '09', rule: { does: 'break-off', paid: true, fromEnquiry: 1 } },
  { ending: '11', rule: { does: 'break-off', paid: false, fromEnquiry: 1 } },
  { ending: '12', rule: { does: 'break-off', paid: true, fromEnquiry: 3 } },
  { ending: '13', rule: { does: 'approve-without-reference' } },
];

/**
 * By the last four digits of the test cards that Stripe documents (docs.stripe.com/testing, "Declined payments"); these
 * go before the amount.
 */
export const cardRules: readonly { readonly lastFour: string; readonly rule: SimulatorDoes }[] = [
  { lastFour: '0002', rule: generic },
  { lastFour: '9995', rule: noFunds },
  { lastFour: '9987', rule: lost },
  { lastFour: '9979', rule: stolen },
  { lastFour: '0069', rule: expired },
  { lastFour: '0127', rule: notVerified },
  { lastFour: '0119', rule: processing },
];

/** A security code of nothing but this digit cannot be verified, whatever the amount: 999, or 9999 for American Express. */
export const unverifiableCodeDigit = 9;
export const codeRule: SimulatorDoes = notVerified;
export const defaultRule: SimulatorDoes = approve;
