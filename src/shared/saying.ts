/** The moments of a payment at which the panel offers the agent a line to say, by their names in its message tables. */
export const sayings = [
  'sayOpen',
  'sayDetails',
  'sayPan',
  'sayPanLocked',
  'sayPanFailed',
  'sayCvc',
  'sayCvcLocked',
  'sayCvcFailed',
  'sayKeysLocked',
  'sayReady',
  'sayMissing',
  'sayAuthorising',
  'saySurcharge',
  'saySucceeded',
  'sayTokenised',
  'sayDeclined',
  'sayUnknown',
  'sayCancelled',
] as const;
export type Saying = (typeof sayings)[number];
