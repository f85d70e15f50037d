import type { SessionState, SessionView } from '../payment/session-view.ts';
import type { Frame } from './frame.ts';
import type { Messages } from './messages/en.ts';

/** Every fourth digit: a listener follows the progress without hearing sixteen announcements. */
const spokenEvery = 4;

/** What a screen reader says of a frame; undefined for silence. */
export function announcement(frame: Frame, messages: Messages): string | undefined {
  const name = (field: string): string => messages.fieldNames[field] ?? field;
  switch (frame.type) {
    case 'capture.locked':
      return messages.spokenLocked(name(frame.field));
    case 'capture.progress':
      return frame.digits > 0 && frame.digits % spokenEvery === 0
        ? messages.spokenDigits(name(frame.field), frame.digits)
        : undefined;
    case 'capture.completed':
      return messages.spokenComplete(name(frame.field));
    case 'capture.failed': {
      const [reason, next] = messages.failures[frame.reason];
      return messages.spokenFailed(name(frame.field), reason ?? '', next ?? '');
    }
    default:
      return undefined;
  }
}

/** What a screen reader says of the session in view after a frame; undefined for silence. */
export function spoken(
  frame: Frame,
  before: SessionView | undefined,
  now: SessionView,
  m: Messages,
): string | undefined {
  const said = frame.sessionId === now.id ? announcement(frame, m) : undefined;
  return said ?? (now.state === before?.state ? undefined : announcedState(now.state, m));
}

/** Not at each line of a payment, since one that passed is not yet the end. */
function announcedState(state: SessionState, messages: Messages): string | undefined {
  const texts: Partial<Record<SessionState, string>> = {
    authorising: messages.authorising,
    surcharge: messages.surchargeAsk,
    succeeded: messages.succeeded,
    declined: messages.declined,
    unknown: messages.unknownText,
    cancelled: messages.cancelled,
  };
  return texts[state];
}
