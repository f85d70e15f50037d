import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type AppDialog,
  type AppMessage,
  type AppRequest,
  type AppResponse,
  once,
  Side,
  sdp,
  until,
} from '../unit/sip-server/two-servers.ts';

let caller: Side;
let proxy: Side;
let first: Side;
let second: Side;

beforeEach(async () => {
  [caller, proxy, first, second] = await Promise.all([Side.open(), Side.open(), Side.open(), Side.open()]);
});

afterEach(async () => {
  await Promise.all([caller, proxy, first, second].map((side) => side.close()));
});

type Outcome = Awaited<ReturnType<AppRequest['proxy']>>;

/** Has the middle application proxy every INVITE to the two others. */
const proxying = (options: object, destinations = () => [first.uri(), second.uri()]): Promise<Outcome> =>
  new Promise((resolve, reject) => {
    proxy.app.invite(
      (request) => void request.proxy({ destination: destinations(), ...options }).then(resolve, reject),
    );
  });

const answers = (side: Side): Promise<{ dialog: AppDialog; invite: AppRequest }> =>
  new Promise((resolve, reject) => {
    side.app.invite((invite, response) => {
      side.app
        .createUAS(invite, response, { localSdp: sdp(4000) })
        .then((dialog) => resolve({ dialog, invite }), reject);
    });
  });

const refuses = (side: Side, status: number) => side.app.invite((_, response) => response.send(status));

const dial = (progress: object = {}) => caller.app.createUAC(proxy.uri(), { localSdp: sdp(3000) }, progress);

describe('an application that proxies (RFC 3261 §16)', () => {
  it('tries one target after the other and stays out of the call it made', async () => {
    const outcome = proxying({});
    refuses(first, 486);
    const answered = answers(second);
    const uac = await dial();
    const { dialog, invite } = await answered;
    expect(await outcome).toMatchObject({ connected: true, finalStatus: 200 });
    expect(invite.get('Max-Forwards')).toBe('69');
    expect(invite.has('Record-Route')).toBe(false);
    const ended = once((listener) => dialog.on('destroy', listener));
    await uac.destroy();
    await ended;
    expect(proxy.server.counts().dialogs).toBe(0);
  });

  it('passes re-INVITE, INFO and BYE of both sides through where it remains in the call', async () => {
    const outcome = proxying({ remainInDialog: true }, () => [first.uri()]);
    const answered = answers(first);
    const uac = await dial();
    const { dialog: uas, invite } = await answered;
    expect(invite.get('Record-Route')).toBe(`<sip:127.0.0.1:${proxy.port('udp')};lr>`);
    await outcome;
    for (const [from, to] of [
      [uac, uas],
      [uas, uac],
    ] as const) {
      to.on('modify', (request, response) => response.send(200, { body: request.body }));
      expect(await from.modify(sdp(3002))).toBe(sdp(3002));
      to.on('info', (request, response) => response.send(request.get('Via').split(',').length === 2 ? 200 : 500));
      expect(
        (await from.request({ method: 'INFO', body: 'x', headers: { 'Content-Type': 'text/plain' } })).status,
      ).toBe(200);
    }
    const ended = once((listener) => uac.on('destroy', listener));
    await uas.destroy();
    await ended;
    await until(() => caller.server.counts().dialogs + first.server.counts().dialogs === 0);
  });

  it('rings all targets at once, cancels those that lose and gives the best refusal if all refuse', async () => {
    void proxying({ forking: 'simultaneous' });
    const cancelled = new Promise<AppMessage>((resolve) => {
      first.app.invite((request, response) => {
        request.on('cancel', resolve);
        response.send(180);
      });
    });
    const answered = answers(second);
    const uac = await dial();
    await cancelled;
    await answered;
    await uac.destroy();
  });

  it('gives back 603 before 486, and 404 before 503', async () => {
    for (const [one, two, status] of [
      [486, 603, 603],
      [503, 404, 404],
    ] as const) {
      const sides = await Promise.all([Side.open(), Side.open()]);
      refuses(sides[0], one);
      refuses(sides[1], two);
      const through = await Side.open();
      through.app.invite((request) => {
        const destination = sides.map((side) => side.uri());
        void request.proxy({ destination, forking: 'simultaneous' });
      });
      const refused = caller.app.createUAC(through.uri(), { localSdp: sdp(1) });
      await expect(refused).rejects.toMatchObject({ status });
      await Promise.all([...sides, through].map((side) => side.close()));
    }
  });

  it('passes the caller’s CANCEL on, and the 487 back', async () => {
    const outcome = proxying({}, () => [first.uri()]);
    first.app.invite((_, response) => response.send(180));
    let sent: AppRequest | undefined;
    const refused = dial({
      cbRequest: (_: unknown, request: AppRequest) => {
        sent = request;
      },
      cbProvisional: (response: AppResponse) => response.status === 180 && sent?.cancel(),
    });
    await expect(refused).rejects.toMatchObject({ status: 487 });
    expect(await outcome).toMatchObject({ connected: false, finalStatus: 487 });
  });

  it('follows redirects where it is told to, and gives up targets that stay silent', async () => {
    void proxying({ followRedirects: true, provisionalTimeout: '500ms' }, () => ['sip:x@127.0.0.1:9', first.uri()]);
    first.app.invite((_, response) => response.send(302, { headers: { Contact: `<${second.uri()}>` } }));
    const answered = answers(second);
    const uac = await dial();
    await answered;
    await uac.destroy();
  });

  it('sends nothing on that has no hop left, and relays for no call that it does not know', async () => {
    const outcome = proxying({}).catch(String);
    const refused = caller.app.createUAC(proxy.uri(), { localSdp: sdp(1), headers: { 'Max-Forwards': '0' } });
    await expect(refused).rejects.toMatchObject({ status: 483 });
    expect(await outcome).toBe('too many hops');
    const stray = await caller.app.request(first.uri(), {
      method: 'BYE',
      proxy: proxy.uri(),
      headers: { To: '<sip:x@y>;tag=1' },
    });
    const [answer] = await once<[AppResponse]>((listener) => stray.on('response', listener));
    expect(answer.status).toBe(481);
  });
});
