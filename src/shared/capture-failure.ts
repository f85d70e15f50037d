/** Why one capture ended without a value. `stopped` is the agent's own doing; the rest are the world's. */
export const captureFailures = [
  'first-key-timeout',
  'inter-key-timeout',
  'overall-timeout',
  'too-short',
  'too-long',
  'check-digit',
  'brand-not-accepted',
  'invalid-date',
  'stopped',
  'caller-hung-up',
  'agent-hung-up',
  'media-lost',
  'leak-found',
] as const;
export type CaptureFailure = (typeof captureFailures)[number];

/** The failures that a field can find by itself, by its keys and its timers. */
export type EntryFailure = Exclude<
  CaptureFailure,
  'stopped' | 'caller-hung-up' | 'agent-hung-up' | 'media-lost' | 'leak-found'
>;
