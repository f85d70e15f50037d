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
let callee: Side;

beforeEach(async () => {
  [caller, callee] = await Promise.all([Side.open(), Side.open()]);
});

afterEach(async () => {
  await Promise.all([caller.close(), callee.close()]);
});

/** A call from one application to the other; the callee's dialog comes with it. */
async function call(protocol: 'udp' | 'tcp' = 'udp'): Promise<{ uac: AppDialog; uas: AppDialog; invite: AppRequest }> {
  const answered = new Promise<{ uas: AppDialog; invite: AppRequest }>((resolve, reject) => {
    callee.app.invite((request, response) => {
      callee.app
        .createUAS(request, response, { localSdp: sdp(4000) })
        .then((uas) => resolve({ uas, invite: request }), reject);
    });
  });
  const uac = await caller.app.createUAC(callee.uri(protocol), { localSdp: sdp(3000), callingNumber: '100' });
  return { uac, ...(await answered) };
}

const noDialogs = () => until(() => caller.server.counts().dialogs === 0 && callee.server.counts().dialogs === 0);

describe.each(['udp', 'tcp'] as const)('applications that call each other over %s', (protocol) => {
  it('set a call up and take it down from the caller’s side', async () => {
    const { uac, uas, invite } = await call(protocol);
    expect(invite.get('Contact')).toContain(`100@127.0.0.1:${caller.port(protocol)}`);
    expect(uac.id).toBe(`${uac.sip.callId};from-tag=${uac.sip.localTag}`);
    expect(uas.id).toBe(uac.id);
    expect(uas.sip.remoteTag).toBe(uac.sip.localTag);
    const destroyed = once((listener) => uas.on('destroy', listener));
    await uac.destroy();
    await destroyed;
    await noDialogs();
  });

  it('take a call down from the callee’s side, also before the ACK has come', async () => {
    const { uac, uas } = await call(protocol);
    const destroyed = once((listener) => uac.on('destroy', listener));
    await uas.destroy({ headers: { Reason: 'SIP;cause=200;text="enough"' } });
    const [bye] = await destroyed;
    expect((bye as AppRequest).get('Reason')).toContain('enough');
    await noDialogs();
  });

  it('change the session from either side', async () => {
    const { uac, uas } = await call(protocol);
    for (const [from, to, port] of [
      [uac, uas, 3002],
      [uas, uac, 4002],
    ] as const) {
      to.once('modify', (request, response) =>
        (response as AppResponse).send(200, { body: request.body.replace('0 RTP', '9 RTP') }),
      );
      expect(await from.modify(sdp(port))).toBe(sdp(port).replace('0 RTP', '9 RTP'));
    }
    await uac.destroy();
  });

  it('send INFO, OPTIONS, MESSAGE, UPDATE, REFER and NOTIFY within a call, with their bodies', async () => {
    const { uac, uas } = await call(protocol);
    for (const method of ['INFO', 'OPTIONS', 'MESSAGE', 'UPDATE', 'REFER', 'NOTIFY']) {
      for (const [from, to] of [
        [uac, uas],
        [uas, uac],
      ] as const) {
        to.once(method.toLowerCase(), (request, response) =>
          (response as AppResponse).send(202, {
            body: `back ${request.body}`,
            headers: { 'Content-Type': 'text/plain' },
          }),
        );
        const answer = await from.request({ method, body: 'there £', headers: { 'Content-Type': 'text/plain' } });
        expect([answer.status, answer.body]).toEqual([202, 'back there £']);
      }
    }
    await uas.destroy();
    await noDialogs();
  });
});

describe('an application that calls', () => {
  it('hears early media, and 487 after it has cancelled; the callee hears the CANCEL', async () => {
    const cancelled = new Promise<AppMessage>((resolve) => {
      callee.app.invite((request, response) => {
        request.on('cancel', resolve);
        response.send(183, { body: sdp(4000) });
      });
    });
    let sent: AppRequest | undefined;
    const progress: [number, string][] = [];
    const refused = caller.app.createUAC(
      callee.uri(),
      { localSdp: sdp(3000) },
      {
        cbRequest: (_: unknown, request: AppRequest) => {
          sent = request;
        },
        cbProvisional: (response: AppResponse) => {
          progress.push([response.status, response.body]);
          if (response.status === 183) sent?.cancel({ headers: { Reason: 'SIP;cause=200;text="elsewhere"' } });
        },
      },
    );
    await expect(refused).rejects.toMatchObject({ status: 487 });
    expect(progress).toEqual([
      [100, ''],
      [183, sdp(4000)],
    ]);
    expect((await cancelled).get('Reason')).toContain('elsewhere');
    await noDialogs();
  });

  it('may cancel before anything has come back', async () => {
    callee.app.invite(() => undefined);
    const refused = caller.app.createUAC(
      callee.uri(),
      { localSdp: sdp(3000) },
      {
        cbRequest: (_: unknown, request: AppRequest) => request.cancel(),
      },
    );
    await expect(refused).rejects.toMatchObject({ status: 487 });
  });

  it('confirms reliable provisional answers (RFC 3262)', async () => {
    const pracked = new Promise<AppMessage>((resolve) => {
      callee.app.invite((request, response) => {
        response.send(
          183,
          { headers: { Require: '100rel' }, body: sdp(4000) },
          () => undefined,
          (prack) => {
            resolve(prack);
            callee.app.createUAS(request, response, { localSdp: sdp(4000) });
          },
        );
      });
    });
    const uac = await caller.app.createUAC(callee.uri(), { localSdp: sdp(3000), headers: { Supported: '100rel' } });
    expect((await pracked).get('RAck')).toMatch(/^\d+ \d+ INVITE$/);
    await uac.destroy();
    await noDialogs();
  });

  it('answers a challenge: same Call-ID, same From tag, CSeq one higher', async () => {
    const seen: AppRequest[] = [];
    callee.app.invite((request, response) => {
      seen.push(request);
      if (seen.length === 1) response.send(407, { headers: { 'Proxy-Authenticate': 'Digest realm="r", nonce="n"' } });
      else callee.app.createUAS(request, response, { localSdp: sdp(4000) });
    });
    const uac = await caller.app.createUAC(callee.uri(), {
      localSdp: sdp(3000),
      auth: { username: 'u', password: 'p' },
    });
    const [first, second] = seen as [AppRequest, AppRequest];
    expect(second.get('Call-ID')).toBe(first.get('Call-ID'));
    expect(second.get('From')).toBe(first.get('From'));
    expect(parseInt(second.get('CSeq'), 10)).toBe(parseInt(first.get('CSeq'), 10) + 1);
    expect(second.get('Proxy-Authorization')).toContain('username="u"');
    await uac.destroy();
  });

  it('gets the status of a refusal, and 503 where nobody is', async () => {
    callee.app.invite((_, response) => response.send(486));
    await expect(caller.app.createUAC(callee.uri(), { localSdp: sdp(1) })).rejects.toMatchObject({ status: 486 });
    const gone = 'sip:x@127.0.0.1:1;transport=tcp';
    await expect(caller.app.createUAC(gone, { localSdp: sdp(1) })).rejects.toMatchObject({ status: 503 });
    await expect(caller.app.createUAC('sip:x@no-such-host.invalid', { localSdp: sdp(1) })).rejects.toMatchObject({
      status: 503,
    });
  });

  it('is told why a request cannot be sent at all', async () => {
    await expect(caller.app.createUAC(caller.uri(), { localSdp: sdp(1) })).rejects.toThrow('myself');
    await expect(caller.app.createUAC('sip:x@127.0.0.1;transport=sctp', { localSdp: sdp(1) })).rejects.toThrow(
      'protocol/transport',
    );
    await expect(caller.app.request(callee.uri(), { method: 'MESSAGE', body: 'no type' })).rejects.toThrow(
      'content-type',
    );
  });
});

describe('requests outside of dialogs', () => {
  const ask = async (method: string, options: object = {}): Promise<AppResponse> => {
    const request = await caller.app.request(callee.uri(), { method, ...options });
    const [response] = await once<[AppResponse]>((listener) => request.on('response', listener));
    return response;
  };

  it('go to the application that asked for the method', async () => {
    callee.app.options((_, response) => response.send(200, { headers: { 'X-Own': 'yes' } }));
    const answer = await ask('OPTIONS');
    expect([answer.status, answer.get('X-Own')]).toEqual([200, 'yes']);
  });

  it('are 503 without such an application, 405 for what nobody serves, 481 for a dialog nobody knows', async () => {
    callee.app.options(() => undefined);
    await until(() => callee.server.counts().clients === 1);
    expect((await ask('MESSAGE', { body: 'x', headers: { 'Content-Type': 'text/plain' } })).status).toBe(503);
    const refused = await ask('REGISTER');
    expect([refused.status, refused.get('Allow')]).toEqual([405, 'OPTIONS, ACK, CANCEL, BYE']);
    expect((await ask('BYE')).status).toBe(481);
    expect((await ask('OPTIONS', { headers: { To: '<sip:x@y>;tag=gone' } })).status).toBe(481);
    expect((await ask('OPTIONS', { headers: { Require: 'magic, 100rel' } })).get('Unsupported')).toBe('magic');
  });

  it('are shared out among applications in turn', async () => {
    const served: string[] = [];
    const second = await callee.another();
    for (const [name, app] of [
      ['a', callee.app],
      ['b', second],
    ] as const) {
      app.options((_, response) => {
        served.push(name);
        response.send(200);
      });
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
    for (let round = 0; round < 4; round++) await ask('OPTIONS');
    expect(served.filter((name) => name === 'a')).toHaveLength(2);
    expect(served.filter((name) => name === 'b')).toHaveLength(2);
  });

  it('make a subscription, which ends with its last NOTIFY', async () => {
    callee.app.subscribe((request, response) => {
      callee.app.createUAS(request, response, { headers: { Expires: '60' } }).then(async (dialog) => {
        await dialog.request({ method: 'NOTIFY', headers: { Event: 'presence', 'Subscription-State': 'active' } });
        await dialog.request({ method: 'NOTIFY', headers: { Event: 'presence', 'Subscription-State': 'terminated' } });
      });
    });
    const options = {
      method: 'SUBSCRIBE',
      headers: { Event: 'presence', To: '<sip:x@127.0.0.1>', From: '<sip:y@127.0.0.1>' },
    };
    const dialog = await caller.app.createUAC(callee.uri(), options);
    const states: string[] = [];
    dialog.on('notify', (request, response) => {
      states.push(request.get('Subscription-State'));
      response.send(200);
    });
    await noDialogs();
    expect(states).toContain('terminated');
  });
});

describe('an application that goes away', () => {
  it('leaves 503 for what it had not answered, and 481 in its dialogs', async () => {
    const { uac } = await call();
    callee.leave();
    await until(() => callee.server.counts().clients === 0);
    const answer = await uac.request({ method: 'INFO', headers: { 'Content-Type': 'text/plain' }, body: 'x' });
    expect(answer.status).toBe(481);
    await uac.destroy();
    await noDialogs();
  });

  it('has its unanswered calls refused and its own calls cancelled', async () => {
    const ringing = new Promise<AppRequest>((resolve) => {
      callee.app.invite((request, response) => {
        response.send(180);
        resolve(request);
      });
    });
    const refused = caller.app.createUAC(callee.uri(), { localSdp: sdp(1) });
    refused.catch(() => undefined);
    const cancelled = once((listener) => void ringing.then((request) => request.on('cancel', listener)));
    await ringing;
    caller.leave();
    await cancelled;
    await noDialogs();
  });
});
