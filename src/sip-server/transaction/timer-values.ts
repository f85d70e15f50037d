/** RFC 3261 §17.1.1.1 and table 4: round trip estimate, longest retransmission interval, life of a message in the net. */
export const t1 = 500;
export const t2 = 4_000;
export const t4 = 5_000;

/** 64·T1: how long a transaction waits for the other side (timers B, F, H, J, L, M). */
export const patienceMs = 64 * t1;

/**
 * Names of the timers of RFC 3261 table 4 (L and M are RFC 6026's; C, from §16.6, bounds ringing) and one of ours:
 * `cancelled` ends an INVITE whose CANCEL nobody answered (§9.1).
 */
export type TimerName = 'A' | 'B' | 'C' | 'D' | 'E' | 'F' | 'G' | 'H' | 'I' | 'J' | 'K' | 'L' | 'M' | 'cancelled';
