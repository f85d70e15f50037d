import type { LegSide } from '../../../shared/leg-side.ts';
import type { SrtpPolicy } from '../../../shared/srtp-policy.ts';
import type { IoChoice } from './io-choice.ts';

export interface EmbeddedEngineOptions {
  readonly io: IoChoice;
  readonly address: string;
  readonly advertisedAddress: string | null;
  readonly ports: readonly [number, number];
  readonly sourcePolicy: 'strict' | 'learnOnce' | 'off';
  readonly lossMs: { readonly first: number; readonly running: number; readonly held: number };
  readonly portQuarantineMs: number;
  readonly srtp: Readonly<Record<LegSide, SrtpPolicy>>;
  readonly secureAudio: 'mute' | 'agentTalks' | 'masked';
  readonly betweenCaptures: 'pass' | 'drop';
  readonly lookBackMs: number;
  readonly fill: 'silence' | 'tone' | 'noise';
  /** Media processes over which the calls are spread; 1 unless told. */
  readonly processes?: number;
}
