import { describe, expect, test } from 'vitest';
import type { SipWish } from '../../../src/sip-server/client-protocol/client-message.ts';
import { noBody, type SipRequest } from '../../../src/sip-server/message/sip-message.ts';
import { Resident } from '../../../src/sip-server/resident/resident.ts';

const message: SipRequest = { kind: 'request', method: 'INVITE', uri: 'sip:a@b', headers: [], body: noBody };
const passage = {
  source: 'network',
  flow: undefined,
  transactionId: 't',
  dialogId: '',
  receivedOn: undefined,
} as const;
const wish = {
  method: 'INVITE',
  uri: 'sip:a@b',
  transactionId: '',
  dialogId: '',
  nextHop: '',
  headers: [],
  body: noBody,
};

/** A resident of a server that answers by what `serve` does, and what it heard. */
function house(serve: (resident: Resident, wish: SipWish) => void) {
  const heard: string[] = [];
  const resident = new Resident(['INVITE', 'OPTIONS'], ({ kind }) => heard.push(`passed ${kind}`), {
    onSip: (from, what) => serve(from, what),
    onLeft: () => heard.push('left'),
  });
  return { heard, resident };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a resident of the server', () => {
  test('hears replies and messages in their order, and never from within a call of its own', async () => {
    const { heard, resident } = house((from, { id }) => {
      from.reply(id, { ok: false, reason: 'first' });
      from.pass(message, passage);
      from.reply(id, { ok: false, reason: 'a second time' });
    });
    resident.request(wish, (reply) => heard.push(reply.ok ? 'sent' : reply.reason));
    heard.push('asked');
    await settle();
    expect(heard).toEqual(['asked', 'first', 'passed request']);
  });

  test('gives each answer the phrase of its status', () => {
    const wishes: SipWish[] = [];
    const { resident } = house((_, what) => wishes.push(what));
    resident.respond({ transactionId: 't', status: 486, headers: [], body: noBody }, () => undefined);
    expect(wishes).toMatchObject([{ kind: 'response', status: 486, reason: 'Busy Here' }]);
  });

  test('that leaves is told so by whatever it waits for, once, and hears nothing more', async () => {
    const { heard, resident } = house(() => undefined);
    resident.request(wish, (reply) => heard.push(reply.ok ? 'sent' : reply.reason));
    resident.leave();
    resident.leave();
    resident.pass(message, passage);
    resident.request(wish, (reply) => heard.push(reply.ok ? 'sent' : reply.reason));
    await settle();
    expect(heard).toEqual(['left', 'the application has left', 'the application has left']);
    expect(resident.connected).toBe(false);
  });

  test('is chosen for what it asked for', () => {
    expect([...house(() => undefined).resident.routes]).toEqual(['invite', 'options']);
  });
});
