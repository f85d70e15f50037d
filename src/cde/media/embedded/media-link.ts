import type { LegSide } from '../../../shared/leg-side.ts';
import type { LeakKind } from '../media-engine.ts';
import type { KeyRecord } from './key-pipe.ts';
import type { LegOrder } from './leg-order.ts';
import type { MediaAnswer, MediaAsk, MediaRequest } from './media-messages.ts';
import type { RelayOptions } from './relay-options.ts';

/** What comes from a media process by itself. */
export interface LinkEvents {
  pressed(record: KeyRecord): void;
  lost(call: number, leg: LegSide): void;
  leaked(call: number, kind: LeakKind): void;
  /** The call could not be configured as it was told to be. */
  failed(call: number): void;
  /** The process is gone, once, however it came about. */
  died(): void;
}

/** The room's end of one media process. */
export interface MediaLink {
  /** @throws {CodedError} `media-failed` when the process refuses, is gone, or does not answer in time. */
  request<K extends MediaRequest>(kind: K, ask: MediaAsk<K>): Promise<MediaAnswer<K>>;
  /** Has legs run by other settings, before whatever is asked next. */
  configure(order: LegOrder): void;
  /** Ends the process; `died` is not told. */
  close(): void;
}

/** Starts a media process; resolves when it is ready for calls. */
export type OpenLink = (options: RelayOptions, events: LinkEvents) => Promise<MediaLink>;
