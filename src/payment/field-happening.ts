import type { FieldNotice } from './card-room.ts';
import type { Happening } from './session-input.ts';

/** What the walled room says of a field, as it happens to a session. */
export function fieldHappening(notice: FieldNotice): Happening {
  const { field, digits } = notice;
  switch (notice.kind) {
    case 'field.progress':
      return { kind: 'progress', field, digits };
    case 'field.completed': {
      const { call: _, session: __, field: ___, ...facts } = notice;
      return { kind: 'ended', field, ending: { ...facts, kind: 'completed' } };
    }
    case 'field.failed':
      return { kind: 'ended', field, ending: { kind: 'failed', reason: notice.reason } };
  }
}
