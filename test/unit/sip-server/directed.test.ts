import { afterEach, describe, expect, it } from 'vitest';
import { parseRequestRule } from '../../../src/sip-server/routing/request-rule.ts';
import { parseRouteDecision } from '../../../src/sip-server/routing/route-decision.ts';
import { SipPeer } from '../../support/sip-peer.ts';
import { header, tagOf } from '../../support/sip-text.ts';
import { answering, closeAll, closing, inviteText, peerAt, sideWith, tagged } from './rule-bench.ts';
import { once, Side, sdp, until } from './two-servers.ts';

afterEach(closeAll);

describe('a rule that names a tag', () => {
  it('leads to applications that authenticated with it, in turn, and past those that did not', async () => {
    const side = await sideWith('INVITE=tag:billing');
    const caller = await Side.open();
    closing.push(() => caller.close());
    const [first, second] = [await tagged(side, 'billing', 'eu'), await tagged(side, 'billing')];
    const seen: string[] = [];
    for (const [name, app] of [
      ['untagged', side.app],
      ['first', first],
      ['second', second],
    ] as const) {
      app.invite((_, response) => {
        seen.push(name);
        response.send(486);
      });
    }
    await until(() => side.server.counts().clients === 3);
    await new Promise((resolve) => setTimeout(resolve, 30));
    for (let call = 0; call < 4; call++) {
      await expect(caller.app.createUAC(side.uri(), { localSdp: sdp(3000) })).rejects.toMatchObject({ status: 486 });
    }
    expect(seen.toSorted()).toEqual(['first', 'first', 'second', 'second']);
  });

  it('is answered 480 where nobody has the tag, as drachtio-server does; other methods go as ever', async () => {
    const side = await sideWith('INVITE=tag:nobody');
    const caller = await Side.open();
    closing.push(() => caller.close());
    side.app.invite((_, response) => response.send(486));
    side.app.options((_, response) => response.send(200));
    await until(() => side.server.counts().clients === 1);
    await expect(caller.app.createUAC(side.uri(), { localSdp: sdp(3000) })).rejects.toMatchObject({ status: 480 });
    const request = await caller.app.request(side.uri(), { method: 'OPTIONS' });
    const [answer] = await once((listener) => request.on('response', listener as never));
    expect((answer as unknown as { status: number }).status).toBe(200);
  });
});

describe('a rule that asks an HTTP server', () => {
  it('tells it of the request by the names of drachtio-server, with the parameters of its URI, none of which may lie', async () => {
    const { url, asked } = await answering({ action: 'reject', data: { status: 603, reason: 'Not Today' } });
    const side = await sideWith(`INVITE=${url}`);
    const { invite } = await peerAt(side);
    const final = await invite('shop');
    expect([final.status, final.startLine]).toEqual([603, 'SIP/2.0 603 Not Today']);
    expect(Object.fromEntries(asked[0]?.searchParams ?? [])).toMatchObject({
      of: 'us',
      method: 'INVITE',
      domain: '127.0.0.1',
      protocol: 'udp',
      source_address: '127.0.0.1',
      fromUser: 'ann',
      toUser: 'bob',
      uriUser: 'shop',
      contentType: '',
      tenant: 'acme',
      uri: expect.stringContaining('sip:shop@'),
    });
    expect(asked[0]?.searchParams.getAll('method')).toEqual(['INVITE']);
  });

  it('redirects where it says', async () => {
    const { url } = await answering({ action: 'redirect', data: { contact: ['<sip:a@x>', '<sip:b@y>'] } });
    const side = await sideWith(`*=${url}`);
    const final = await (await peerAt(side)).invite();
    expect(final.status).toBe(302);
    expect(final.headers.filter(([name]) => /^contact$/i.test(name)).map(([, value]) => value)).toEqual([
      '<sip:a@x>',
      '<sip:b@y>',
    ]);
  });

  it('proxies where it says, and stays in the way where it is to', async () => {
    const target = await SipPeer.open();
    closing.push(() => target.close());
    const { url } = await answering({
      action: 'proxy',
      data: { destination: `sip:${target.hostPort}`, recordRoute: true },
    });
    const side = await sideWith(`INVITE=${url}`);
    const { peer } = await peerAt(side);
    peer.send(inviteText(peer, side, 'x'), { address: '127.0.0.1', port: side.port('udp') });
    const invite = await target.awaitRequest('INVITE');
    expect(header(invite, 'record-route')).toContain('lr');
    expect(side.server.counts().clients).toBe(1);
    await peer.awaitResponse('INVITE', 100);
  });

  it('gives the request to a tag where it says', async () => {
    const { url } = await answering({ action: 'route', data: { tag: 'billing' } });
    const side = await sideWith(`INVITE=${url}`);
    const app = await tagged(side, 'billing');
    app.invite((_, response) => response.send(486));
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect((await (await peerAt(side)).invite()).status).toBe(486);
  });

  it.each([
    ['no JSON', 'not JSON'],
    ['no action', { data: {} }],
    ['an action that is none', { action: 'sing', data: {} }],
    ['a status that would be a success', { action: 'reject', data: { status: 200 } }],
    ['a Contact that would end its line', { action: 'redirect', data: { contact: '<sip:a@b>\r\nX-Evil: 1' } }],
    ['more than it may say', `${' '.repeat(20_000)}{}`],
  ])('answers 500 to %s', async (_, answer) => {
    const { url } = await answering(answer);
    const side = await sideWith(`INVITE=${url}`);
    expect((await (await peerAt(side)).invite()).status).toBe(500);
  });

  it('answers 500 where there is no HTTP server, and 503 past the limit of questions', async () => {
    const side = await sideWith('INVITE=http://127.0.0.1:1/');
    expect((await (await peerAt(side)).invite()).status).toBe(500);
    const full = await Side.open({
      rules: [parseRequestRule('INVITE=http://127.0.0.1:1/')],
      limits: { routeQuestions: 0 },
    });
    closing.push(() => full.close());
    expect((await (await peerAt(full)).invite()).status).toBe(503);
    expect(full.events).toContainEqual({ kind: 'limit-hit', limit: 'routeQuestions' });
  });

  it('is not waited for any longer once the caller has cancelled: 487, and its word comes too late', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { url, asked } = await answering({ action: 'route', data: { tag: 'billing' } }, held);
    const side = await sideWith(`INVITE=${url}`);
    const app = await tagged(side, 'billing');
    let reached = 0;
    app.invite(() => {
      reached += 1;
    });
    const { peer } = await peerAt(side);
    const at = { address: '127.0.0.1', port: side.port('udp') };
    const text = inviteText(peer, side, 'x');
    peer.send(text, at);
    await until(() => asked.length === 1);
    peer.send(text.replace(/^INVITE/, 'CANCEL').replace('1 INVITE', '1 CANCEL'), at);
    expect((await peer.awaitResponse('CANCEL', 200)).status).toBe(200);
    const final = await peer.awaitResponse('INVITE', 487);
    expect(tagOf(header(final, 'to'))).not.toBe('');
    release();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(reached).toBe(0);
  });
});

describe('rules and decisions as texts', () => {
  it.each([
    ['INVITE=tag:billing', { method: 'INVITE', to: { kind: 'tag', tag: 'billing' } }],
    [
      'invite=tcp://10.0.0.1:3001',
      { method: 'INVITE', to: { kind: 'dial', target: { host: '10.0.0.1', port: 3001, tls: false } } },
    ],
    [
      '*=tls://app.test:3001',
      { method: '*', to: { kind: 'dial', target: { host: 'app.test', port: 3001, tls: true } } },
    ],
    ['*=https://x.test/r', { method: '*', to: { kind: 'ask', url: 'https://x.test/r' } }],
  ])('%s', (text, rule) => expect(parseRequestRule(text)).toEqual(rule));

  it.each(['INVITE', 'INVITE=', 'INVITE=tag:a b', 'INVITE=tcp://x', 'INVITE=ftp://x', 'IN VITE=tag:x', '*=http://'])(
    '%s is no rule',
    (text) => expect(() => parseRequestRule(text)).toThrow(/must be|no such tag/),
  );

  it.each([
    [{ uri: '10.0.0.1:3001' }, { host: '10.0.0.1', port: 3001, tls: false }],
    [{ uri: '[::1]:3001;transport=tls' }, { host: '::1', port: 3001, tls: true }],
    [{ uri: '10.0.0.1' }, undefined],
    [{ uri: '10.0.0.1:0' }, undefined],
    [{ uri: '10.0.0.1:3001;transport=sctp' }, undefined],
  ])('route %j', (data, target) =>
    expect(parseRouteDecision(JSON.stringify({ action: 'route', data }))).toEqual(
      target === undefined ? undefined : { action: 'dial', target },
    ),
  );
});
