import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type App, type AppMessage, Side, sdp, until } from './two-servers.ts';

let near: Side;
let far: Side;
let told: string[];

beforeEach(async () => {
  [near, far] = await Promise.all([Side.open(), Side.open()]);
  told = [];
  for (const [name, { app }] of [
    ['caller', near],
    ['called', far],
  ] as const) {
    watch(app, name);
  }
  await until(() => near.server.counts().clients === 1 && far.server.counts().clients === 1);
});

afterEach(async () => {
  await near.close();
  await far.close();
});

/** Notes what an application is told of calls: who, what, where it came from, and the role or reason. */
function watch(app: App, name: string): void {
  for (const kind of ['attempt', 'start', 'stop']) {
    app.on(`cdr:${kind}`, (...[source, , ...rest]: [string, string, ...(string | AppMessage)[]]) => {
      told.push([name, kind, source, ...rest.filter((part) => typeof part === 'string')].join(' '));
    });
  }
}

const settled = (count: number): Promise<void> => until(() => told.length >= count);

describe('records of calls', () => {
  it('tell both ends of a call that is tried, begins and is hung up', async () => {
    far.app.invite((request, response) => void far.app.createUAS(request, response, { localSdp: sdp(4000) }));
    const dialog = await near.app.createUAC(far.uri(), { localSdp: sdp(3000) });
    await dialog.destroy();
    await settled(6);
    expect(told.toSorted()).toEqual([
      'called attempt network',
      'called start application uas',
      'called stop network normal-release',
      'caller attempt application',
      'caller start network uac',
      'caller stop application normal-release',
    ]);
  });

  it('tell of a call that is refused and of one that is given up', async () => {
    far.app.invite((_, response) => response.send(486));
    await near.app.createUAC(far.uri(), { localSdp: sdp(3000) }).catch(() => undefined);
    await settled(4);
    expect(told).toContain('called stop application call-rejected');
    expect(told).toContain('caller stop network call-rejected');
  });

  it('tell of a call that is given up', async () => {
    far.app.invite((_, response) => response.send(180));
    const progress = {
      cbRequest: (_: unknown, request: { cancel(): void }) => setTimeout(() => request.cancel(), 50),
    };
    await near.app.createUAC(far.uri(), { localSdp: sdp(3000) }, progress).catch(() => undefined);
    await settled(4);
    expect(told).toContain('called stop network call-canceled');
    expect(told).toContain('caller stop network call-canceled');
  });
});
