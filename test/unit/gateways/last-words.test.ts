import { describe, expect, test } from 'vitest';
import { writeFrame } from '../../../src/agent/frame.ts';
import { lastWords } from '../../../src/gateways/last-words.ts';
import type { SessionView } from '../../../src/payment/session-view.ts';
import { callView, emptyField, sessionView } from '../agent/fake-house.ts';

const call = callView('c1', '1001', 's1');
const session = (more: Partial<SessionView>): SessionView => ({ ...sessionView('s1', 'c1', '1001'), ...more });
const words = (of: SessionView | null) => lastWords({ gateway: 'g', call, session: of });

describe("what agents are told of a dead gateway's call", () => {
  test('is that it is over, by media-lost, where no session was open', () => {
    expect(words(null)).toEqual([
      {
        ...{
          type: 'call.ended',
          agent: '1001',
          direction: 'inbound',
          by: 'gateway',
          reason: 'media-lost',
          media: null,
        },
        call: { ...call, state: 'ended', sessionId: null },
      },
    ]);
  });

  test('is first that the field has failed, then that the session is closed: nothing is locked, nothing can be done (O-10)', () => {
    const pan = { ...emptyField, state: 'capturing', digits: 7, mask: '*******' } as const;
    const told = words(session({ state: 'locked', locked: true, capturing: 'pan', fields: { pan, cvc: emptyField } }));
    expect(told.map(({ type }) => type)).toEqual(['capture.failed', 'session.closed', 'call.ended']);
    expect(told[0]).toEqual({ type: 'capture.failed', field: 'pan', reason: 'media-lost' });
    expect(told[1]).toMatchObject({
      session: {
        state: 'closed',
        locked: false,
        capturing: null,
        can: [],
        fields: { pan: { state: 'failed', digits: 0 } },
      },
    });
  });

  test('is of a payment that was at the provider that nobody knows, never that it failed (P-80)', () => {
    const payment = { n: 1, id: 'p', type: 'charge', amount: 100, state: 'authorising', reference: null } as const;
    const paid = { ...payment, n: 2, state: 'succeeded', reference: 'R' } as const;
    const [closed] = words(session({ state: 'authorising', payments: [payment, paid] }));
    expect(closed).toMatchObject({ session: { payments: [{ state: 'unknown' }, { state: 'succeeded' }] } });
  });

  test('is of a surcharge that nobody had accepted that its payment is cancelled: nothing was charged (P-60, P-61)', () => {
    const payment = { n: 1, id: 'p', type: 'charge', amount: 100, state: 'authorising', reference: null } as const;
    const surcharge = { amount: 100, surcharge: 2, total: 102, currency: 'EUR' };
    const [closed] = words(session({ state: 'surcharge', surcharge, payments: [payment] }));
    expect(closed).toMatchObject({ session: { surcharge: null, payments: [{ state: 'cancelled' }] } });
  });

  test('fits the schemas of the WebSocket', () => {
    for (const event of words(session({ capturing: 'cvc' })))
      expect(
        writeFrame({ seq: 1, at: new Date(0).toISOString(), ...event, callId: 'c1', sessionId: 's1' }),
      ).toBeDefined();
  });
});
