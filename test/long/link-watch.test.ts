import { afterEach, describe, expect, test, vi } from 'vitest';
import { type SipServer, startSipServer } from '../../src/sip-server/sip-server.ts';
import { DrachtioStack } from '../../src/telephony/sip/drachtio/drachtio-stack.ts';
import { LinkWatch } from '../../src/telephony/sip/drachtio/link-watch.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { SilentProxy } from '../support/silent-proxy.ts';

describe('the watch of a link', () => {
  const setUp = () => {
    const clock = new FakeClock();
    const socket = {
      bytesRead: 0,
      destroyed: 0,
      destroy(): void {
        this.destroyed += 1;
      },
    };
    let silent = 0;
    const watch = new LinkWatch(clock, 5000, () => {
      silent += 1;
    });
    return { clock, socket, watch, silent: () => silent };
  };

  test('drops a socket by which nothing came for two spans, once', () => {
    const { clock, socket, watch, silent } = setUp();
    watch.begin(socket, () => true);
    clock.advance(9_999);
    expect([silent(), socket.destroyed]).toEqual([0, 0]);
    clock.advance(1);
    expect([silent(), socket.destroyed]).toEqual([1, 1]);
    clock.advance(60_000);
    expect([silent(), socket.destroyed, clock.pending]).toEqual([1, 1, 0]);
  });

  test('leaves one alone by which something comes every span, and one that owes no word', () => {
    const { clock, socket, watch, silent } = setUp();
    watch.begin(socket, () => true);
    for (let span = 0; span < 20; span += 1) {
      socket.bytesRead += 1;
      clock.advance(5_000);
    }
    expect(silent()).toBe(0);
    watch.begin(socket, () => false);
    clock.advance(600_000);
    expect(silent()).toBe(0);
    watch.end();
    watch.end();
    expect(clock.pending).toBe(0);
  });

  test('watches the latest socket only, and begins anew with it', () => {
    const { clock, socket, watch, silent } = setUp();
    watch.begin(socket, () => true);
    clock.advance(9_000);
    const next = { bytesRead: 0, destroy: vi.fn() };
    watch.begin(next, () => true);
    clock.advance(9_000);
    expect([silent(), socket.destroyed]).toEqual([0, 0]);
    clock.advance(1_000);
    expect(socket.destroyed).toBe(0);
    expect(next.destroy).toHaveBeenCalledOnce();
  });
});

describe('a stack whose server falls silent', () => {
  const clock = new FakeClock();
  const told: string[] = [];
  let server: SipServer;
  let proxy: SilentProxy;
  let stack: DrachtioStack;

  afterEach(async () => {
    stack.close();
    await proxy.close();
    await server.close();
  });

  test('drops the link, says so, and has it again when the server speaks; the silent one is tried no faster than it is given up', async () => {
    server = await startSipServer({
      listen: ['udp/127.0.0.1:0'],
      clients: { host: '127.0.0.1', port: 0 },
      secret: 'link',
      observer: { observe: () => undefined },
    });
    proxy = await SilentProxy.before({ host: '127.0.0.1', port: server.clientPort });
    const observer = {
      linkUp: () => void told.push('up'),
      linkDown: () => void told.push('down'),
      linkSilent: () => void told.push('silent'),
      linkRefused: () => undefined,
      dialogsLost: () => undefined,
      unreadable: () => undefined,
    };
    stack = new DrachtioStack(observer, 0, clock);
    const arrivals = { invite: () => undefined, options: () => 200 } as const;
    stack.open({ host: '127.0.0.1', port: proxy.port, secret: 'link', pingMs: 5000 }, arrivals);
    await vi.waitFor(() => expect(told).toEqual(['up']), 5_000);
    proxy.silent = true;
    // What was said while the link was made counts as the word of the first span.
    clock.advance(15_000);
    await vi.waitFor(() => expect(told).toEqual(['up', 'silent', 'down']), 5_000);
    expect(stack.connected).toBe(false);
    // It takes the next connection too, and says no more than before.
    await vi.waitFor(() => expect(proxy.connections).toBe(2), 5_000);
    await vi.waitFor(() => expect(clock.pending).toBe(1), 5_000);
    clock.advance(15_000);
    await vi.waitFor(() => expect(told).toEqual(['up', 'silent', 'down', 'silent']), 5_000);
    proxy.silent = false;
    await vi.waitFor(() => expect(told).toEqual(['up', 'silent', 'down', 'silent', 'up']), 5_000);
    expect(stack.connected).toBe(true);
    stack.close();
    await vi.waitFor(() => expect(clock.pending).toBe(0), 5_000);
  });
});
