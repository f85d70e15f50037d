/** Whether the gateway takes calls, and the switch that stops it. */
export interface Readiness {
  state(): { readonly ready: boolean; readonly reasons: readonly string[]; readonly draining: boolean };
  /** No new calls from here on; running ones go on. Twice is once. */
  drain(): void;
}
