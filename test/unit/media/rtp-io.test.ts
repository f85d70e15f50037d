import { createSocket } from 'node:dgram';
import { afterEach, describe, expect, test } from 'vitest';
import { chooseIo } from '../../../src/cde/media/embedded/choose-io.ts';
import { dgramIo } from '../../../src/cde/media/embedded/dgram-io.ts';
import { EpollIo } from '../../../src/cde/media/embedded/epoll/epoll-io.ts';
import {
  readAddress,
  readPort,
  socketAddressBytes,
  writeSocketAddress,
} from '../../../src/cde/media/embedded/epoll/socket-address.ts';
import type { RtpSocket } from '../../../src/cde/media/embedded/rtp-io.ts';
import { canonicalAddress } from '../../../src/cde/media/offer-answer/canonical-address.ts';
import { pause } from '../../support/media-call.ts';
import { RtpPhone } from '../../support/rtp-phone.ts';

const patient = { timeout: 3000, interval: 5 };

interface Arrived {
  readonly text: string;
  readonly address: string;
  readonly port: number;
}

const open: { close(): unknown }[] = [];
const polling = { wakeFds: [], blocking: false };
const ring = await chooseIo('auto', polling).then((io) => (io instanceof EpollIo && io.hasRing ? io : undefined));
const ways = [
  { name: 'epoll', io: new EpollIo(polling) },
  { name: 'dgram', io: dgramIo },
  ...(ring === undefined ? [] : [{ name: 'io_uring', io: ring }]),
];

afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

async function phone(address = '127.0.0.1'): Promise<RtpPhone> {
  const one = await RtpPhone.open({ address });
  open.push(one);
  return one;
}

async function socket(
  io: (typeof ways)[number]['io'],
  address = '127.0.0.1',
): Promise<{ socket: RtpSocket; port: number; arrived: Arrived[] }> {
  const arrived: Arrived[] = [];
  for (;;) {
    const port = 2 * Math.floor(6000 + Math.random() * 10_000);
    try {
      const one = await io.open(address, port, {
        arrived: (packet, length, _now, from, fromPort) => {
          arrived.push({ text: packet.toString('latin1', 0, length), address: from, port: fromPort });
        },
      });
      open.push(one);
      return { socket: one, port, arrived };
    } catch {
      // Somebody else's port.
    }
  }
}

describe.each(ways)('by $name', ({ io }) => {
  test.each(['127.0.0.1', '::1'])(
    'datagrams of %s arrive whole, with their source, and go where they are aimed',
    async (address) => {
      const peer = await phone(address);
      const { socket: own, port, arrived } = await socket(io, address);
      for (const filter of [false, true]) {
        own.aim({ address, port: peer.port }, filter);
        peer.heard.clear();
        const packet = Buffer.concat([
          Buffer.from('xx'),
          Buffer.alloc(12, 0x80),
          Buffer.from('sound'),
          Buffer.from('yy'),
        ]);
        own.send(packet, 2, packet.length - 2, -1);
        peer.sendRaw(Buffer.from('answer'), { address, port });
        const heard = () => peer.heard.packets.map(({ payload }) => payload.toString());
        await expect.poll(heard, patient).toEqual(['sound']);
        await expect.poll(() => arrived.at(-1), patient).toEqual({ text: 'answer', address, port: peer.port });
      }
    },
  );

  test.each([false, true])(
    'what came before it was aimed is not delivered, then or later (filter: %s)',
    async (filter) => {
      const peer = await phone();
      const { socket: own, port, arrived } = await socket(io);
      const to = { address: '127.0.0.1', port };
      for (let i = 0; i < 20; i += 1) peer.sendRaw(Buffer.from('before'), to);
      await pause(100);
      own.aim({ address: '127.0.0.1', port: peer.port }, filter);
      peer.sendRaw(Buffer.from('after'), to);
      await expect.poll(() => arrived.map(({ text }) => text), patient).toEqual(['after']);
    },
  );

  test('once it is aimed with a filter nothing arrives from elsewhere, not even what waited', async () => {
    const [peer, stranger] = [await phone(), await phone()];
    const { socket: own, port, arrived } = await socket(io);
    const to = { address: '127.0.0.1', port };
    own.aim({ address: '127.0.0.1', port: peer.port }, true);
    for (let i = 0; i < 20; i += 1) stranger.sendRaw(Buffer.from('foreign'), to);
    peer.sendRaw(Buffer.from('own'), to);
    await expect.poll(() => arrived.map(({ text }) => text), patient).toEqual(['own']);
  });

  test('it can be aimed anew, with and without a filter, and the old peer is a stranger then', async () => {
    const [first, second] = [await phone(), await phone()];
    const { socket: own, port, arrived } = await socket(io);
    const to = { address: '127.0.0.1', port };
    for (const [peer, filter] of [
      [first, true],
      [second, true],
      [first, false],
      [second, true],
    ] as const) {
      own.aim({ address: '127.0.0.1', port: peer.port }, filter);
      arrived.length = 0;
      for (const one of [first, second]) one.sendRaw(Buffer.from(String(one.port)), to);
      const expected = filter ? [peer] : [first, second];
      await expect
        .poll(() => arrived.map(({ text }) => text).sort(), patient)
        .toEqual(expected.map(({ port: known }) => String(known)).sort());
    }
  });

  test('a peer that is not there, and one of the other family, are nothing to it', async () => {
    const { socket: own } = await socket(io);
    const gone = await phone();
    const { port } = gone;
    own.aim({ address: '127.0.0.1', port }, true);
    for (const one of open) if (one === gone) open.splice(open.indexOf(one), 1);
    await gone.close();
    const bytes = Buffer.alloc(172, 0x80);
    for (let i = 0; i < 5; i += 1) {
      own.send(bytes, 0, bytes.length, -1);
      await pause(5);
    }
    own.aim({ address: '::1', port }, true);
    own.send(bytes, 0, bytes.length, -1);
    own.close();
    own.send(bytes, 0, bytes.length, -1);
    own.close();
    expect(own.droppedByFilter()).toBe(0);
  });

  test('a port that is taken is refused, and so is sharing a port of ours', async () => {
    const { socket: own, port } = await socket(io);
    own.aim({ address: '127.0.0.1', port: 9 }, true);
    await expect(io.open('127.0.0.1', port, { arrived: () => undefined })).rejects.toMatchObject({
      code: 'media-failed',
    });
    const sharing = createSocket({ type: 'udp4', reuseAddr: true });
    await expect(
      new Promise<void>((done, fail) => sharing.once('error', fail).bind(port, '127.0.0.1', done)),
    ).rejects.toMatchObject({ code: 'EADDRINUSE' });
    sharing.close();
  });

  test('an alarm rings once, at the time set last, and never when it was unset', async () => {
    const rung: number[] = [];
    const alarm = io.alarm(() => rung.push(performance.now()));
    const start = performance.now();
    alarm.set(start + 500);
    alarm.set(start + 20);
    await pause(100);
    expect(rung).toHaveLength(1);
    expect((rung[0] ?? 0) - start).toBeGreaterThanOrEqual(18);
    alarm.set(performance.now() + 10);
    alarm.set(Number.POSITIVE_INFINITY);
    await pause(40);
    expect(rung).toHaveLength(1);
  });
});

test('Strangers are dropped and counted by the kernel, and the count outlives the socket', async () => {
  const { socket: own, port, arrived } = await socket(new EpollIo(polling));
  const [peer, stranger] = [await phone(), await phone()];
  own.aim({ address: '127.0.0.1', port: peer.port }, true);
  for (let i = 0; i < 25; i += 1) stranger.sendRaw(Buffer.alloc(172, 0x80), { address: '127.0.0.1', port });
  await expect.poll(() => own.droppedByFilter(), patient).toBe(25);
  own.close();
  expect(own.droppedByFilter()).toBe(25);
  expect(arrived).toHaveLength(0);
});

test('epoll is chosen where it works, node:dgram where it is asked for', async () => {
  expect(await chooseIo('dgram', polling)).toBe(dgramIo);
  expect(await chooseIo('auto', polling)).toBeInstanceOf(EpollIo);
  expect(await chooseIo('epoll', polling)).toBeInstanceOf(EpollIo);
});

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['2001:DB8:0:0::1', '2001:db8::1'],
  ['::', '::'],
  ['::1', '::1'],
  ['fe80::', 'fe80::'],
  ['::ffff:192.0.2.7', '::ffff:192.0.2.7'],
  ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
])('The address %s is written as the kernel wants it and read as Node writes it', (address, text) => {
  const bytes = Buffer.alloc(socketAddressBytes);
  writeSocketAddress(bytes, 0, address, 40_002);
  expect(readAddress(bytes, 0)).toBe(text);
  expect(readPort(bytes, 0)).toBe(40_002);
  expect(canonicalAddress(address)).toBe(text);
});
