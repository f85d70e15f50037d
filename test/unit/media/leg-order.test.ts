import { expect, test } from 'vitest';
import { type LegOrder, packedOrderSchema, packOrder, unpackOrder } from '../../../src/cde/media/embedded/leg-order.ts';
import { agentAt, alawOnly, callerAt, legSettings } from '../../support/paper-legs.ts';

const overTheWire = (order: LegOrder): LegOrder =>
  unpackOrder(packedOrderSchema.parse(JSON.parse(JSON.stringify(packOrder(order)))));

const srtp = {
  suite: 'AES_CM_128_HMAC_SHA1_80',
  send: 'AAAA',
  sendMki: '',
  receive: 'BBBB',
  receiveMki: '01',
} as const;

test.each<LegOrder>([
  { call: 1, legs: { caller: legSettings(callerAt, 101), agent: legSettings(agentAt, null) } },
  { call: 2, legs: { agent: legSettings(agentAt, 96, { mux: true, srtp, talks: false, codecs: alawOnly() }) } },
  {
    call: 3,
    legs: { caller: legSettings(callerAt, 101, { remote: null, redundant: [{ receive: 99, clockRate: 8000 }] }) },
  },
  { call: 4, legs: {} },
])('settings arrive as they were sent (call $call)', (order) => {
  expect(overTheWire(order)).toEqual(order);
});

test('lists that say the same are the same objects on the other side', () => {
  const [one, other] = [1, 2].map(
    (call) => overTheWire({ call, legs: { caller: legSettings(callerAt, 101) } }).legs.caller,
  );
  expect(other?.codecs).toBe(one?.codecs);
  expect(other?.events).toBe(one?.events);
});

test.each(['', 'null', '{}', '{"codecs":[],"events":[],"redundant":[{"receive":128,"clockRate":8000}]}'])(
  'lists out of shape are refused: %s',
  (lists) => {
    const { legs } = packOrder({ call: 1, legs: { caller: legSettings(callerAt, 101) } });
    const caller = { ...legs.caller, lists } as NonNullable<typeof legs.caller>;
    expect(() => unpackOrder({ call: 1, legs: { caller } })).toThrow();
  },
);

test.each(['host.example', '198.51.100.1:4000', ''])('an address that is none is refused: %j', (address) => {
  const packed = packOrder({ call: 1, legs: { caller: legSettings({ address, port: 4000 }, 101) } });
  expect(packedOrderSchema.safeParse(packed).success).toBe(false);
});
