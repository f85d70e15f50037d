import type { SecuredInterval } from '../payment/card-room.ts';
import type { SessionEvent } from '../payment/session-event.ts';
import type { LegSide } from '../shared/leg-side.ts';
import type { Logs } from './logs.ts';
import type { Metrics } from './metrics.ts';

interface CallFacts {
  readonly callId: string;
  readonly agent: string;
  readonly direction: string;
}

interface LegCounts {
  readonly received: number;
  readonly sent: number;
  readonly lost: number;
  readonly jitterMs: number;
  readonly refused: number;
}

const packetFates = ['received', 'sent', 'lost', 'refused'] as const;

const legMeters = ({ rtpPackets, rtpJitter }: Metrics, leg: LegSide) => ({
  packets: packetFates.map((fate) => ({ fate, counter: rtpPackets.labels({ leg, fate }) })),
  jitter: rtpJitter.labels({ leg }),
});

/** One function a business event: what is counted and what is written of it is decided here, and only here. */
export class Telemetry {
  readonly #logs: Logs;
  readonly #metrics: Metrics;
  /** Found once: to look for each by its labels took longer than to count. */
  readonly #legs: Readonly<Record<LegSide, ReturnType<typeof legMeters>>>;
  readonly #lockedAt = new Map<string, number>();

  constructor(logs: Logs, metrics: Metrics) {
    this.#logs = logs;
    this.#metrics = metrics;
    this.#legs = { caller: legMeters(metrics, 'caller'), agent: legMeters(metrics, 'agent') };
  }

  callStarted(call: CallFacts): void {
    this.#logs.calls.info(call, 'call started');
  }

  callAnswered(call: CallFacts): void {
    this.#logs.calls.info(call, 'call answered');
  }

  callEnded(
    call: CallFacts,
    by: string,
    reason: string,
    media: Readonly<Record<LegSide, LegCounts>> | undefined,
  ): void {
    this.#metrics.calls.inc({ direction: call.direction, ended_by: by });
    for (const leg of ['caller', 'agent'] as const) this.#countLeg(leg, media?.[leg]);
    this.#lockedAt.delete(call.callId);
    this.#logs.calls.info({ by, reason, media, ...call }, 'call ended');
  }

  callTurnedAway(reason: string): void {
    this.#metrics.turnedAway.inc({ reason });
    this.#logs.calls.warn({ reason }, 'call turned away');
  }

  callOddity(callId: string, what: string): void {
    this.#metrics.oddities.inc({ what });
    if (what === 'fault') this.#logs.calls.error({ callId }, 'a fault of ours ended the call');
    else this.#logs.calls.debug({ callId }, 'event without a meaning');
  }

  sipLink(up: boolean): void {
    this.#metrics.sip.inc({ event: up ? 'link-up' : 'link-down' });
    if (up) this.#logs.sip.info('linked to the SIP server');
    else this.#logs.sip.error('lost the SIP server');
  }

  /** Dialogs of a SIP server that is gone: their calls end here, and nobody can say goodbye to the telephones. */
  dialogsLost(dialogs: number): void {
    this.#metrics.sip.inc({ event: 'dialog-lost' }, dialogs);
    this.#logs.sip.error({ dialogs }, 'dialogs lost with the SIP server');
  }

  /** Who can reach the port of a drachtio-server is its client: it does not insist on its secret. */
  serverUnguarded(host: string): void {
    this.#logs.sip.warn({ host }, 'drachtio-server takes anybody who reaches its port: let a firewall see to it');
  }

  callTransferred(call: CallFacts, from: string): void {
    this.#metrics.transfers.inc();
    this.#logs.calls.info({ from, ...call }, 'call transferred');
  }

  /** @param event a word of the SIP server's closed list. */
  sipEvent(event: string): void {
    this.#metrics.sip.inc({ event });
    this.#logs.sip.debug({ event }, 'sip');
  }

  requestAnswered(route: string, status: number, ms: number): void {
    this.#metrics.requests.observe({ route, status: String(status) }, ms / 1000);
    // Whole milliseconds: a long fraction looks like a card number to the guard, which would break the line.
    this.#logs.api.debug({ route, status, ms: Math.round(ms) }, 'request');
  }

  commandRefused(where: string, code: string): void {
    this.#metrics.refusals.inc({ where, code });
    this.#logs.api.debug({ where, code }, 'command refused');
  }

  /** A fault of ours behind a 500. The message is left out: it may quote what came in. */
  apiFault(where: string, name: string, stack: readonly string[]): void {
    this.#metrics.api.inc({ event: 'fault' });
    this.#logs.api.error({ where, name, stack }, 'fault');
  }

  /** @param event a word: socket-opened, frames-gathered, upgrade-refused-origin … */
  apiEvent(event: string): void {
    this.#metrics.api.inc({ event });
    this.#logs.api.debug({ event }, 'api');
  }

  /** @param what the status of the answer, or a word: no-answer, given-up, lost. */
  webhookFailed(hook: string, what: string): void {
    this.#metrics.api.inc({ event: `webhook-${what}` });
    this.#logs.api.warn({ hook, what }, 'webhook');
  }

  /** @param word of the closed list of what happens among gateways. */
  amongGateways(word: string): void {
    this.#metrics.circle.inc({ event: word });
    if (word === 'bus-up' || word === 'announced') this.#logs.gateway.info({ word }, 'among gateways');
    // Anybody who reaches the bus can make as many of these as he likes.
    else if (word === 'call-buried' || word.startsWith('message-'))
      this.#logs.gateway.debug({ word }, 'among gateways');
    else this.#logs.gateway.warn({ word }, 'among gateways');
  }

  callSecured(ms: number): void {
    this.#metrics.secureSeconds.observe(ms / 1000);
  }

  paymentAnswered(psp: string, outcome: string, ms: number): void {
    this.#metrics.pspSeconds.observe({ psp, outcome }, ms / 1000);
  }

  /** Something at the desk of payments that ought not to happen often: a word, and what it was about. */
  deskTrouble(what: string, about: string): void {
    this.#metrics.deskTroubles.inc({ what });
    this.#logs.payments.warn({ what, about }, 'trouble at the desk');
  }

  roomIncident(word: string, callId: string | null): void {
    this.#metrics.incidents.inc({ word });
    this.#logs.room.warn({ word, callId }, 'incident in the walled room');
  }

  roomOpened(): void {
    this.#logs.room.info('the walled room is open');
  }

  roomLost(reason: string): void {
    this.#metrics.incidents.inc({ word: 'room-lost' });
    this.#logs.room.error({ reason }, 'the walled room is gone: its calls end');
  }

  /** What happens in payment sessions, masked as it is on the WebSocket. */
  sessionEvent(callId: string, sessionId: string, event: SessionEvent): void {
    const about = { callId, sessionId };
    switch (event.type) {
      case 'session.opened':
      case 'session.closed':
        return this.#logs.payments.info({ by: event.by, ...about }, event.type);
      case 'session.changed':
        return this.#logs.payments.debug({ state: event.session.state, ...about }, event.type);
      case 'capture.locked':
        this.#lockedAt.set(callId, performance.now());
        return this.#logs.captures.info({ field: event.field, ...about }, event.type);
      case 'capture.progress':
        return this.#logs.captures.debug({ field: event.field, digits: event.digits, ...about }, event.type);
      case 'capture.completed':
        this.#metrics.digits.inc({ field: event.field }, event.digits);
        return this.#captureEnded(about, event.field, 'completed');
      case 'capture.failed':
        return this.#captureEnded(about, event.field, event.reason);
      case 'capture.unlocked':
        return this.#logs.captures.info({ field: event.field, ...about }, event.type);
      case 'payment.authorising':
      case 'payment.surcharge':
        return this.#logs.payments.info(about, event.type);
      case 'payment.succeeded':
      case 'payment.declined':
      case 'payment.unknown':
      case 'payment.resolved':
      case 'payment.cancelled':
      case 'payment.refunded':
        this.#metrics.payments.inc({ outcome: event.type.slice('payment.'.length) });
        return this.#logs.payments.info({ payment: event.payment.id, ...about }, event.type);
    }
  }

  /** How keys can come from the customer of a call: where no tones can be found it depends on events. */
  callHears(callId: string, events: boolean, tones: boolean): void {
    if (tones) this.#logs.room.debug({ callId, events, tones }, 'keys of this call');
    else this.#logs.room.info({ callId, events, tones }, 'no tones can be found in this codec: keys come by events');
  }

  leakFound(callId: string, what: string): void {
    this.#metrics.leaks.inc({ what });
    this.#logs.room.error({ callId, what }, 'something reached the agent leg while it was secured');
  }

  /** What the media side did from a lock to its end. */
  securedInterval(interval: SecuredInterval): void {
    this.#metrics.suppressed.inc({ kind: 'audio' }, interval.audioSuppressed);
    this.#metrics.suppressed.inc({ kind: 'event' }, interval.eventsSuppressed);
  }

  #captureEnded(about: { callId: string; sessionId: string }, field: string, outcome: string): void {
    const lockedAt = this.#lockedAt.get(about.callId);
    this.#lockedAt.delete(about.callId);
    if (lockedAt !== undefined) this.#metrics.captureSeconds.observe({ field }, (performance.now() - lockedAt) / 1000);
    this.#metrics.captures.inc({ field, outcome });
    this.#logs.captures.info({ field, outcome, ...about }, 'capture ended');
  }

  #countLeg(leg: LegSide, counts: LegCounts | undefined): void {
    if (counts === undefined) return;
    const { packets, jitter } = this.#legs[leg];
    for (const { fate, counter } of packets) counter.inc(counts[fate]);
    jitter.observe(counts.jitterMs / 1000);
  }
}
