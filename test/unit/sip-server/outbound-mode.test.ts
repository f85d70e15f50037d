import { type AddressInfo, createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { answering, closeAll, closing, inviteText, listening, peerAt, sideWith } from './rule-bench.ts';
import { type App, type AppDialog, type AppRequest, once, Side, sdp, until } from './two-servers.ts';

afterEach(closeAll);

describe('outbound mode: the server connects to an application that listens', () => {
  const ruleTo = async (kind: 'directly' | 'by an HTTP answer', hostPort: string): Promise<string> =>
    kind === 'directly'
      ? `INVITE=tcp://${hostPort}`
      : `INVITE=${(await answering({ action: 'route', data: { uri: hostPort } })).url}`;

  it.each(['directly', 'by an HTTP answer'] as const)(
    '%s: a connection for each call, whole calls by it',
    async (kind) => {
      const { app, hostPort, connections } = await listening();
      const dialogs: AppDialog[] = [];
      app.invite((request: AppRequest, response) => {
        void app.createUAS(request, response, { localSdp: sdp(4000) }).then((dialog) => {
          dialogs.push(dialog);
          dialog.on('destroy', () => (app as App & { endSession(of: unknown): void }).endSession(request));
        });
      });
      const side = await sideWith(await ruleTo(kind, hostPort));
      const caller = await Side.open();
      closing.push(() => caller.close());
      const calls: AppDialog[] = [];
      for (const port of [3000, 3002]) calls.push(await caller.app.createUAC(side.uri(), { localSdp: sdp(port) }));
      await until(() => dialogs.length === 2);
      expect(connections()).toBe(2);
      expect(side.server.counts()).toMatchObject({ dialogs: 2, clients: 3 });
      for (const uac of calls) {
        const request = uac.request({ method: 'INFO', body: 'x', headers: { 'Content-Type': 'text/plain' } });
        expect((await request).status).toBeGreaterThanOrEqual(200);
      }
      const ended = once((listener) => calls[0]?.on('destroy', listener));
      await dialogs[0]?.destroy();
      await ended;
      await calls[1]?.destroy();
      await until(() => side.server.counts().dialogs === 0);
    },
  );

  it('by that connection the application calls out as well: a back-to-back agent on one socket', async () => {
    const { app, hostPort, connections } = await listening();
    const [side, far, caller] = [
      await sideWith(await ruleTo('directly', hostPort)),
      await Side.open(),
      await Side.open(),
    ];
    closing.push(
      () => far.close(),
      () => caller.close(),
    );
    far.app.invite((request, response) => void far.app.createUAS(request, response, { localSdp: sdp(5000) }));
    await until(() => far.server.counts().clients === 1);
    app.invite((request, response) => {
      const b2b = app as App & { createB2BUA(...rest: unknown[]): Promise<{ uas: AppDialog; uac: AppDialog }> };
      void b2b.createB2BUA(request, response, far.uri()).then(({ uas, uac }) => {
        uas.on('destroy', () => void uac.destroy());
      });
    });
    const uac = await caller.app.createUAC(side.uri(), { localSdp: sdp(3000) });
    expect([connections(), side.server.counts().dialogs]).toEqual([1, 2]);
    await uac.destroy();
    await until(() => side.server.counts().dialogs === 0 && far.server.counts().dialogs === 0);
  });

  it('an application that says another secret gets nothing, and the caller 480; so where nobody listens', async () => {
    const { app, hostPort } = await listening('another secret');
    let reached = 0;
    app.invite(() => {
      reached += 1;
    });
    const side = await sideWith(await ruleTo('directly', hostPort));
    expect((await (await peerAt(side)).invite()).status).toBe(480);
    expect(reached).toBe(0);
    expect(side.events).toContainEqual({ kind: 'client-refused', reason: 'secret' });
    const nobody = await sideWith('INVITE=tcp://127.0.0.1:1');
    expect((await (await peerAt(nobody)).invite()).status).toBe(480);
    await until(() => nobody.server.counts().clients === 1);
  });

  it('a caller who cancels while it connects gets 487, and the connection goes', async () => {
    // It takes the connection and says nothing.
    const mute = createServer();
    mute.listen(0, '127.0.0.1');
    await once((listener) => mute.once('listening', listener));
    closing.push(() => void mute.close());
    const gone = new Promise<void>((resolve) =>
      mute.on('connection', (socket) => socket.on('close', () => resolve()).resume()),
    );
    const side = await sideWith(`INVITE=tcp://127.0.0.1:${(mute.address() as AddressInfo).port}`);
    const { peer } = await peerAt(side);
    const at = { address: '127.0.0.1', port: side.port('udp') };
    const text = inviteText(peer, side, 'x');
    peer.send(text, at);
    await peer.awaitResponse('INVITE', 100);
    await until(() => side.server.counts().clients === 2);
    peer.send(text.replace(/^INVITE/, 'CANCEL').replace('1 INVITE', '1 CANCEL'), at);
    expect((await peer.awaitResponse('INVITE', 487)).status).toBe(487);
    await gone;
    await until(() => side.server.counts().clients === 1);
  });

  it('an application that goes before it has answered leaves its caller a 503', async () => {
    const { app, hostPort } = await listening();
    app.invite((request) => (app as App & { endSession(of: unknown): void }).endSession(request));
    const side = await sideWith(await ruleTo('directly', hostPort));
    expect((await (await peerAt(side)).invite()).status).toBe(503);
    await until(() => side.server.counts().clients === 1);
  });
});
