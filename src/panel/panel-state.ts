import type { FieldView, SessionView } from '../payment/session-view.ts';
import type { CallView } from '../telephony/call-view.ts';
import type { Frame } from './frame.ts';

/** How the panel stands to the server. Only in `open` does it show locks, and only then may its buttons be pressed. */
export type Link = 'connecting' | 'open' | 'refused';

/** Everything that the server has said, and nothing else: what the agent sees is a function of it. */
export interface PanelState {
  readonly link: Link;
  /** The last sequence number that was taken in; -1 before the first snapshot. */
  readonly seq: number;
  readonly calls: Readonly<Record<string, CallView>>;
  readonly sessions: Readonly<Record<string, SessionView>>;
  /** The closed session of which something is still to be told: it ended without its agent, or its outcome was open. */
  readonly afterword: string | null;
}

export const emptyState: PanelState = { link: 'connecting', seq: -1, calls: {}, sessions: {}, afterword: null };

export type PanelEvent =
  | { type: 'link'; link: Link }
  | { type: 'frame'; frame: Frame }
  /** A session that was closed while nothing was heard here. */
  | { type: 'recalled'; session: SessionView };

/** Frames that come twice (a replay after a reconnect) change nothing the second time. */
export function reduce(state: PanelState, event: PanelEvent): PanelState {
  if (event.type === 'link') return withLink(state, event.link);
  if (event.type === 'recalled') return state.link === 'open' ? withoutSession(state, event.session, '') : state;
  const { frame } = event;
  if (frame.type === 'snapshot') return fromSnapshot(state, frame);
  if (frame.seq <= state.seq) return state;
  return { ...applyFrame(state, frame), seq: frame.seq };
}

/** Without a connection nobody knows whether a call is still locked, so nothing that was known may stay on the screen. */
function withLink(state: PanelState, link: Link): PanelState {
  return link === 'open' ? { ...state, link } : { ...emptyState, link, seq: state.seq };
}

function fromSnapshot(state: PanelState, frame: Extract<Frame, { type: 'snapshot' }>): PanelState {
  return {
    link: 'open',
    seq: Math.max(frame.seq, state.link === 'open' ? state.seq : -1),
    calls: Object.fromEntries(frame.calls.map((call) => [call.callId, call])),
    sessions: Object.fromEntries(frame.sessions.map((session) => [session.id, session])),
    // One that is closed is there because its provider has not answered yet.
    afterword: frame.sessions.find(({ state: now }) => now === 'closed')?.id ?? null,
  };
}

function applyFrame(state: PanelState, frame: Exclude<Frame, { type: 'snapshot' }>): PanelState {
  switch (frame.type) {
    case 'call.started':
    case 'call.answered':
      return withCall(state, frame.call);
    case 'call.transferred':
      return transferred(state, frame.call);
    case 'call.ended':
      return withoutCall(state, frame.call.callId);
    case 'session.opened':
      return { ...withSession(state, frame.session), afterword: null };
    case 'session.changed':
      return withSession(state, frame.session);
    case 'session.closed':
      return withoutSession(state, frame.session, frame.by);
    default: {
      const session = frame.sessionId === undefined ? undefined : state.sessions[frame.sessionId];
      const { state: was } = session ?? {};
      const applied = session === undefined ? undefined : applyToSession(session, frame);
      const changed = applied && (was === 'closed' ? { ...applied, state: was } : applied);
      return changed === undefined ? state : { ...state, sessions: { ...state.sessions, [changed.id]: changed } };
    }
  }
}

function withCall(state: PanelState, call: CallView): PanelState {
  return { ...state, calls: { ...state.calls, [call.callId]: call } };
}

/** Both agents are told: to the one who had the call it is gone, to the other it comes. */
function transferred(state: PanelState, call: CallView): PanelState {
  const had = state.calls[call.callId];
  return had === undefined || had.agent === call.agent ? withCall(state, call) : withoutCall(state, call.callId);
}

/** The session of an ended call stays until the server closes it: an answer of the provider may still be on its way. */
function withoutCall(state: PanelState, callId: string): PanelState {
  const { [callId]: _, ...calls } = state.calls;
  return { ...state, calls };
}

/** A closed one is followed only as long as something is still to be told of it. */
function withSession(state: PanelState, session: SessionView): PanelState {
  if (session.state === 'closed')
    return state.afterword === session.id
      ? { ...state, sessions: { ...state.sessions, [session.id]: session } }
      : state;
  const call = state.calls[session.callId];
  const calls =
    call === undefined ? state.calls : { ...state.calls, [call.callId]: { ...call, sessionId: session.id } };
  return { ...state, calls, sessions: { ...state.sessions, [session.id]: session } };
}

function withoutSession(state: PanelState, session: SessionView, by: string): PanelState {
  const { [session.id]: _, ...sessions } = state.sessions;
  const call = state.calls[session.callId];
  const calls = call === undefined ? state.calls : { ...state.calls, [call.callId]: { ...call, sessionId: null } };
  const open = session.payments.some((payment) => payment.state === 'authorising' || payment.state === 'unknown');
  const told = open || (by !== session.agent && session.control === 'agent' && hasNews(session));
  return told
    ? { ...state, calls, sessions: { ...sessions, [session.id]: session }, afterword: session.id }
    : { ...state, calls, sessions };
}

/** Something was sent to a provider, or an entry was cut off by the end of the call. */
function hasNews({ payments, fields }: SessionView): boolean {
  const sent = payments.some((payment) => payment.state !== 'draft' && payment.state !== 'cancelled');
  return sent || Object.values(fields).some(({ reason }) => cutOff(reason));
}

/** Failures that end the session with the entry: the form, and what it says, is gone by then. */
export const cutOff = (reason: FieldView['reason']): boolean => /-(up|lost)$/.test(reason ?? '');

type SessionFrame = Extract<Frame, { type: `capture.${string}` | `payment.${string}` }>;

export const emptyField: FieldView = { state: 'empty', digits: 0, mask: '', brand: null, lastFour: null, reason: null };

/** @returns undefined for a type that this panel does not know yet. */
function applyToSession(session: SessionView, frame: SessionFrame): SessionView | undefined {
  switch (frame.type) {
    case 'capture.locked':
      return {
        ...withField(session, frame.field, { ...emptyField, state: 'capturing' }),
        locked: true,
        capturing: frame.field,
      };
    case 'capture.progress':
      return withField(session, frame.field, {
        ...emptyField,
        state: 'capturing',
        digits: frame.digits,
        mask: frame.mask,
      });
    case 'capture.completed':
      return withField(session, frame.field, {
        state: 'complete',
        digits: frame.digits,
        mask: frame.mask,
        brand: frame.brand ?? null,
        lastFour: frame.lastFour ?? null,
        reason: null,
        doubled: frame.doubled ?? 0,
      });
    case 'capture.failed':
      return withField(session, frame.field, { ...emptyField, state: 'failed', reason: frame.reason });
    case 'capture.unlocked':
      return { ...session, locked: false, capturing: null };
    case 'payment.authorising':
      return { ...session, state: 'authorising' };
    case 'payment.surcharge': {
      const { surcharge, total, currency } = frame;
      const amount = frame.amount ?? total - surcharge;
      return { ...session, state: 'surcharge', surcharge: { amount, surcharge, total, currency } };
    }
    case 'payment.succeeded':
    case 'payment.declined':
    case 'payment.unknown':
    case 'payment.resolved':
    case 'payment.cancelled':
      return withPayment(session, frame.payment);
    default:
      return undefined;
  }
}

function withField(session: SessionView, name: string, field: FieldView): SessionView {
  return { ...session, fields: { ...session.fields, [name]: field } };
}

function withPayment(session: SessionView, payment: SessionView['payments'][number]): SessionView {
  const others = session.payments.filter((other) => other.n !== payment.n);
  return { ...session, payments: [...others, payment].sort((a, b) => a.n - b.n) };
}

/** The call that the panel is about: the one asked for, else the chosen one, else the only one. */
export function callInView(state: PanelState, wanted: string | null, chosen: string | null): CallView | undefined {
  if (wanted !== null) return state.calls[wanted];
  const calls = Object.values(state.calls);
  return calls.find((call) => call.callId === chosen) ?? (calls.length === 1 ? calls[0] : undefined);
}

/** The open session of the call in view; where no call is left, a session that waits for its provider's answer. */
export function sessionInView(
  state: PanelState,
  call: CallView | undefined,
  wanted: string | null,
): SessionView | undefined {
  const sessions = Object.values(state.sessions).filter((session) => session.state !== 'closed');
  if (call !== undefined) return sessions.find((session) => session.callId === call.callId);
  const orphans = sessions.filter((session) => state.calls[session.callId] === undefined);
  return wanted === null ? orphans[0] : orphans.find((session) => session.callId === wanted);
}
