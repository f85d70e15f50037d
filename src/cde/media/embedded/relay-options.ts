import type { LeakKind } from '../media-engine.ts';
import type { TakePress } from './caller-keys.ts';
import type { SoundOptions } from './caller-sound.ts';
import type { IoChoice } from './io-choice.ts';
import type { LossLimits } from './leg.ts';
import type { SourcePolicy } from './source-guard.ts';

export interface RelayOptions extends SoundOptions {
  readonly io: IoChoice;
  readonly address: string;
  readonly sourcePolicy: SourcePolicy;
  readonly lossMs: LossLimits;
}

/** What a call tells of itself. */
export interface RelayEvents {
  readonly pressed: TakePress;
  /** `tick` of the relay has become due earlier than it last said. */
  wake(): void;
  /** A release was settled, perhaps within a `tick`. */
  settled(): void;
  /** Something was heard on the agent's leg while it was secured. */
  leaked(kind: LeakKind): void;
}
