import type { LegSide } from './leg-side.ts';

/** Whether a leg must, may or must not be encrypted. */
export const srtpPolicies = ['require', 'prefer', 'refuse'] as const;
export type SrtpPolicy = (typeof srtpPolicies)[number];

/** What a call asks for beside what is configured for every call. */
export type SrtpWishes = Readonly<Partial<Record<LegSide, SrtpPolicy>>>;
