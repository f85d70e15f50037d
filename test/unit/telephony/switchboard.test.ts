import { describe, expect, it } from 'vitest';
import { CallRegistry } from '../../../src/telephony/call-registry.ts';
import { routeCall } from '../../../src/telephony/route-table.ts';
import { Switchboard, type SwitchboardOptions, type TurnedAway } from '../../../src/telephony/switchboard.ts';
import { TrunkTable } from '../../../src/telephony/trunk-table.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { FakeInvite, FakeMedia, FakeSip } from './fake-line.ts';

const trunks = [
  { name: 'carrier', side: 'customer' as const, peers: ['127.0.0.0/8', '2001:db8::/32'] },
  { name: 'pbx', side: 'agent' as const, peers: ['127.0.0.1:5098', '[2001:db8::7]:5060'] },
];
type Ways = Pick<SwitchboardOptions, 'trunks' | 'routes'>;
const routes = [
  { from: 'carrier', to: 'sip:{user}@127.0.0.1:5070', agent: '{user}' },
  { from: 'pbx', to: 'sip:{user}@127.0.0.1:5090', agent: '{fromUser}' },
];

function board(limits = { calls: 2, callsPerSecond: 10 }, ways = { trunks, routes } as Ways) {
  const turnedAway: TurnedAway[] = [];
  const sip = new FakeSip();
  const media = new FakeMedia();
  const registry = new CallRegistry();
  const clock = new FakeClock();
  const state = { ready: true };
  const ignore = () => undefined;
  const switchboard = new Switchboard(
    {
      ...ways,
      limits,
      media,
      clock,
      registry,
      sink: {
        started: ignore,
        answered: ignore,
        ending: ignore,
        ended: (call) => registry.remove(call.id),
        transferred: ignore,
        oddity: ignore,
      },
      ready: () => state.ready,
      turnedAway: (why) => void turnedAway.push(why),
    },
    sip,
  );
  const arrive = async (change: Partial<FakeInvite> = {}) => {
    const invite = Object.assign(new FakeInvite(), change);
    switchboard.invite(invite);
    await new Promise((resolve) => setTimeout(resolve, 1));
    return invite;
  };
  return { switchboard, arrive, turnedAway, sip, media, registry, clock, state };
}

describe('encryption of the legs', () => {
  const secure = trunks.map((trunk) => ({ ...trunk, srtp: trunk.name === 'pbx' ? 'require' : 'prefer' }) as const);
  const [toPbx, out] = [
    { from: 'carrier', to: 'sip:{user}@127.0.0.1:5098', agent: '{user}' },
    { from: 'carrier', user: '9*', to: 'sip:{user}@pbx.example', agent: '{user}' },
  ];

  it.each([
    ['by the trunks at both ends', secure, toPbx, { caller: 'prefer', agent: 'require' }],
    ['by the trunk that it came from', secure, out, { caller: 'prefer' }],
    [
      'by the route, before the trunk',
      secure,
      { ...toPbx, srtp: 'refuse' as const },
      { caller: 'prefer', agent: 'refuse' },
    ],
    ['by what is configured for all', trunks, toPbx, {}],
    ['not by a trunk of the other side', secure.slice(0, 1), toPbx, { caller: 'prefer' }],
  ])('is chosen %s', async (_, some, route, wishes) => {
    const { arrive, media } = board(undefined, { trunks: some, routes: [{ ...route, user: '*' }] });
    await arrive();
    expect(media.srtp).toEqual([wishes]);
  });
});

describe('a route', () => {
  const some = [
    { from: 'pbx', user: '10*', to: 'sip:{user}@agents', agent: '{user}' },
    { from: 'pbx', user: '999', to: 'sip:{user}@desk', agent: 'desk' },
    { from: 'pbx', to: 'sip:{user}@outside', agent: '{fromUser}' },
  ];

  it.each([
    ['1002', 'sip:1002@agents'],
    ['999', 'sip:999@desk'],
    ['9990', 'sip:9990@outside'],
  ])('is the first that fits the user: %s', (user, uri) => {
    expect(routeCall(some, 'pbx', { user, fromUser: '1001' })?.uri).toBe(uri);
  });
});

describe('the switchboard', () => {
  it('makes a call of an INVITE from a trunk and dials by its route', async () => {
    const { arrive, sip, registry } = board();
    await arrive();
    expect(sip.dialled[0]?.target).toMatchObject({ uri: 'sip:1001@127.0.0.1:5070', headers: { 'Max-Forwards': '69' } });
    expect(registry.views('1001')).toHaveLength(1);
    expect(registry.views('1002')).toEqual([]);
    expect(sip.dialled[0]?.target.headers['X-Tonelock-Call']).toBe(registry.views()[0]?.callId);
  });

  it.each([
    ['nowhere;to-tag=1;from-tag=2', '481'],
    ['no dialog at all', '400'],
  ])('makes no new call of one that is to replace another: %s', async (replaces, status) => {
    const { arrive, turnedAway, registry } = board();
    const invite = await arrive({ replaces });
    expect([invite.responses, turnedAway, registry.size]).toEqual([[status], ['replaces'], 0]);
  });

  it('takes the agent from From where the agent calls out, and tells the outside no id', async () => {
    const { arrive, sip, registry } = board();
    await arrive({
      source: { address: '127.0.0.1', port: 5098, protocol: 'udp' },
      user: '0312345678',
      fromUser: '1001',
    });
    expect(sip.dialled[0]?.target.uri).toBe('sip:0312345678@127.0.0.1:5090');
    expect(registry.views('1001')[0]?.direction).toBe('outbound');
    expect(sip.dialled[0]?.target.headers['X-Tonelock-Call']).toBeUndefined();
  });

  it.each([
    [
      'an unknown source',
      { source: { address: '198.51.100.1', port: 5060, protocol: 'udp' } },
      '403',
      'unknown-source',
    ],
    ['a call without hops left', { maxForwards: 0 }, '483', 'too-many-hops'],
  ])('turns away %s and counts it', async (_, change, status, why) => {
    const { arrive, turnedAway, registry } = board();
    expect((await arrive(change)).responses).toEqual([status]);
    expect(turnedAway).toEqual([why]);
    expect(registry.size).toBe(0);
  });

  it('answers 503 over the limit of calls, over the rate, when not ready and when draining', async () => {
    const full = board();
    await full.arrive();
    await full.arrive();
    expect((await full.arrive()).responses).toEqual(['503']);
    const fast = board({ calls: 100, callsPerSecond: 3 });
    for (let n = 0; n < 4; n += 1) await fast.arrive();
    expect(fast.turnedAway).toEqual(['too-many-per-second']);
    fast.clock.advance(400);
    expect((await fast.arrive()).responses).toEqual([]);
    fast.state.ready = false;
    expect((await fast.arrive()).responses).toEqual(['503']);
    fast.state.ready = true;
    fast.switchboard.drain();
    expect((await fast.arrive()).responses).toEqual(['503']);
  });

  it('answers OPTIONS 200 while ready, 503 while draining, 403 to strangers', () => {
    const { switchboard, state } = board();
    const source = { address: '127.0.0.1', port: 9, protocol: 'udp' };
    expect(switchboard.options(source)).toBe(200);
    state.ready = false;
    expect(switchboard.options(source)).toBe(503);
    expect(switchboard.options({ ...source, address: '203.0.113.9' })).toBe(403);
  });
});

describe('the trunk table', () => {
  const table = new TrunkTable(trunks);
  it.each([
    ['127.0.0.1', 5098, 'pbx'],
    ['127.0.0.1', 5099, 'carrier'],
    ['::ffff:127.0.0.1', 5098, 'pbx'],
    ['2001:db8::7', 5060, 'pbx'],
    ['2001:db8::7', 5062, 'carrier'],
    ['192.0.2.1', 5060, undefined],
  ])('knows %s port %i as %s', (address, port, name) => {
    expect(table.find({ address, port, protocol: 'udp' })?.name).toBe(name);
  });
});

describe('the route table', () => {
  it('escapes what a user part may not hold, and leaves the agent name as it is', () => {
    const routing = routeCall(routes, 'carrier', { user: '10;01 @x', fromUser: '' });
    expect(routing).toEqual({ uri: 'sip:10%3B01%20%40x@127.0.0.1:5070', agent: '10;01 @x' });
  });
});
