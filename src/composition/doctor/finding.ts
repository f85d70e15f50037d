/** `fault`: calls or payments will fail, or cards are in danger. `warning`: worth a look. */
export type Severity = 'fine' | 'warning' | 'fault';

/** What was found of one thing, and what to do about it. */
export interface Finding {
  readonly severity: Severity;
  readonly about: string;
  readonly found: string;
  /** Null where nothing is to be done. */
  readonly remedy: string | null;
}

export const fine = (about: string, found: string): Finding => ({ severity: 'fine', about, found, remedy: null });
export const warning = (about: string, found: string, remedy: string): Finding => ({
  severity: 'warning',
  about,
  found,
  remedy,
});
export const fault = (about: string, found: string, remedy: string): Finding => ({
  severity: 'fault',
  about,
  found,
  remedy,
});
