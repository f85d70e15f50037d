import type { ApiObserver } from '../agent/api-observer.ts';
import type { Telemetry } from '../observability/telemetry.ts';
import type { DeskObserver } from '../payment/desk-observer.ts';
import type { SipServerObserver } from '../sip-server/sip-server-observer.ts';

/** What the HTTP and WebSocket interface tells, as telemetry. */
export const apiObserver = (telemetry: Telemetry): ApiObserver => ({
  requestAnswered: (route, status, ms) => telemetry.requestAnswered(route, status, ms),
  commandRefused: (route, code) => telemetry.commandRefused(route, code),
  faulted: (where, name, stack) => telemetry.apiFault(where, name, stack),
  socketOpened: () => telemetry.apiEvent('socket-opened'),
  socketClosed: () => telemetry.apiEvent('socket-closed'),
  upgradeRefused: (reason) => telemetry.apiEvent(`upgrade-refused-${reason}`),
  framesGathered: () => telemetry.apiEvent('frames-gathered'),
  keptBack: (what) => telemetry.apiFault(what, 'kept-back', []),
});

/** What payments tell beside their events; captures and outcomes are counted from the events themselves. */
export const deskObserver = (telemetry: Telemetry): DeskObserver => ({
  commandRefused: (command, code) => telemetry.commandRefused(command, code),
  meaningless: (input) => telemetry.deskTrouble('meaningless', input),
  callSecured: (ms) => telemetry.callSecured(ms),
  paymentAnswered: (psp, outcome, ms) => telemetry.paymentAnswered(psp, outcome, ms),
  roomFailed: (request, code) => telemetry.deskTrouble(`room-${code}`, request),
  storageFailed: (entry) => telemetry.deskTrouble('storage', entry),
  enquiryAnswered: (psp, answer) => telemetry.deskTrouble(`enquiry-${answer}`, psp),
});

/** What the embedded SIP server tells: closed words only. */
export const sipServerObserver = (telemetry: Telemetry): SipServerObserver => ({
  observe: (event) => {
    if (event.kind === 'source-refused' && event.reason === 'unknown') telemetry.callTurnedAway('unknown-source');
    const detail =
      'reason' in event ? event.reason : 'what' in event ? event.what : 'limit' in event ? event.limit : '';
    telemetry.sipEvent(detail === '' ? event.kind : `${event.kind}-${detail}`);
  },
});
