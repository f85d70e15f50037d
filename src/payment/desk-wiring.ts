import type { Clock } from '../shared/clock.ts';
import type { CallId, SessionId } from '../shared/ids.ts';
import type { CallGate } from './call-gate.ts';
import type { CardRoom } from './card-room.ts';
import type { DeskObserver } from './desk-observer.ts';
import type { DeskSettings } from './desk-settings.ts';
import type { NoticeOffice } from './notice.ts';
import type { SessionEvent } from './session-event.ts';
import type { TransactionBook } from './transaction-book.ts';

/**
 * Tells what happens in a session: its agent, and receivers outside unless they are owed it already (`owed`), with the
 * outcome that it tells of. Must not throw and must not wait.
 */
export type Emit = (agent: string, call: CallId, session: SessionId, event: SessionEvent, owed?: boolean) => void;

/** What the desk is built on. */
export interface DeskWiring {
  readonly room: CardRoom;
  readonly calls: CallGate;
  readonly book: TransactionBook;
  readonly settings: DeskSettings;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly notices: NoticeOffice;
  readonly observer: DeskObserver;
}
