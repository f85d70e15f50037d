import { afterEach, describe, expect, test } from 'vitest';
import { chooseIo } from '../../../src/cde/media/embedded/choose-io.ts';
import { EpollIo } from '../../../src/cde/media/embedded/epoll/epoll-io.ts';
import { Flow } from '../../../src/cde/media/embedded/flow.ts';
import { PacketRing } from '../../../src/cde/media/embedded/ring/packet-ring.ts';
import type { RtpSocket } from '../../../src/cde/media/embedded/rtp-io.ts';
import { pause } from '../../support/media-call.ts';
import { RtpPhone, rtp } from '../../support/rtp-phone.ts';

const patient = { timeout: 5000, interval: 5 };
const here = '127.0.0.1';
const io = await chooseIo('auto', { wakeFds: [], blocking: false });
/** A container may forbid io_uring: then there is nothing to test. */
const works = io instanceof EpollIo && io.hasRing;
const open: { close(): unknown }[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

type Take = (packet: Buffer, length: number) => void;

async function phone(): Promise<RtpPhone> {
  const one = await RtpPhone.open({ address: here });
  open.push(one);
  return one;
}

async function bound(take: Take = () => undefined): Promise<{ socket: RtpSocket; port: number }> {
  for (;;) {
    const port = 2 * Math.floor(6000 + Math.random() * 10_000);
    try {
      const socket = await io.open(here, port, { arrived: take });
      open.push(socket);
      return { socket, port };
    } catch {
      // Somebody else's port.
    }
  }
}

const sound = (sequence: number): Buffer => rtp(0, false, sequence, 160 * sequence, 7, Buffer.alloc(160, 1));

/** One direction of a call, whose plain sound takes the short way. */
async function oneWay(take: (packet: Buffer, length: number, flow: Flow, agent: RtpSocket) => void) {
  const [from, to, agent] = [await phone(), await phone(), await bound()];
  const flow = new Flow();
  flow.ssrcIn = 7;
  flow.ssrcOut = 9;
  flow.lastAt = performance.now();
  const caller = await bound((packet, length) => take(packet, length, flow, agent.socket));
  caller.socket.shorten(flow, agent.socket);
  caller.socket.aim({ address: here, port: from.port }, true);
  agent.socket.aim({ address: here, port: to.port }, true);
  flow.arm(0, 0, undefined);
  return { to, caller, agent, send: (packet: Buffer) => from.sendRaw(packet, { address: here, port: caller.port }) };
}

describe.skipIf(!works)('by io_uring', () => {
  test('packets of the short way keep their order, also among those of the long way', async () => {
    let long = 0;
    const { to, send } = await oneWay((packet, length, flow, agent) => {
      long += 1;
      flow.highest = packet.readUInt16BE(2);
      flow.timestampIn = packet.readUInt32BE(4);
      flow.arm(0, 0, undefined);
      flow.armed = true;
      agent.send(packet, 0, length, -1);
    });
    const count = 300;
    for (let n = 1; n <= count; n += 1) {
      const packet = sound(n);
      // One with a marker is looked at.
      if (n % 7 === 0) packet[1] = 0x80;
      send(packet);
      if (n % 20 === 0) await pause(1);
    }
    await expect.poll(() => to.heard.packets.length, patient).toBe(count);
    expect(to.heard.packets.map(({ sequence }) => sequence)).toEqual(Array.from({ length: count }, (_, n) => n + 1));
    expect(long).toBe(Math.floor(count / 7));
  });

  test('what was looked at is overwritten, for a key may have been in it', async () => {
    const kept: Buffer[] = [];
    const { send } = await oneWay((packet) => void kept.push(packet));
    send(rtp(101, true, 1, 160, 7, Buffer.from([5, 10, 0, 160])));
    await expect.poll(() => kept.length, patient).toBe(1);
    expect(kept[0]?.subarray(0, 200).every((byte) => byte === 0)).toBe(true);
  });

  test('so is what was looked at and sent on, once it has gone', async () => {
    const kept: Buffer[] = [];
    const { to, send } = await oneWay((packet, length, _, agent) => {
      kept.push(packet);
      agent.send(packet, 0, length, -1);
    });
    const packet = sound(1);
    packet[1] = 0x80;
    send(packet);
    await expect.poll(() => to.heard.packets.length, patient).toBe(1);
    await expect.poll(() => kept[0]?.subarray(0, 200).every((byte) => byte === 0), patient).toBe(true);
  });

  test('datagrams wait in their sockets while every buffer is in use', async () => {
    const counts = new Array<number>(8).fill(0);
    const peer = await phone();
    const count = (n: number) => (): void => {
      counts[n] = (counts[n] ?? 0) + 1;
    };
    const sockets = await Promise.all(counts.map((_, n) => bound(count(n))));
    for (const { socket } of sockets) socket.aim({ address: here, port: peer.port }, true);
    const each = 150;
    for (let n = 0; n < each; n += 1) {
      for (const { port } of sockets) peer.sendRaw(sound(n), { address: here, port });
    }
    await expect.poll(() => counts, patient).toEqual(counts.map(() => each));
  });

  test('a closed socket says no more and leaves its port free, and what it had can be had again', async () => {
    let heard = 0;
    const peer = await phone();
    for (let n = 0; n < 60; n += 1) {
      const { socket, port } = await bound(() => {
        heard += 1;
      });
      socket.aim({ address: here, port: peer.port }, true);
      peer.sendRaw(sound(n), { address: here, port });
      socket.close();
      open.push(await io.open(here, port, { arrived: () => undefined }));
    }
    await pause(50);
    expect(heard).toBe(0);
    const last = await bound(() => {
      heard += 1;
    });
    last.socket.aim({ address: here, port: peer.port }, true);
    peer.sendRaw(sound(1), { address: here, port: last.port });
    await expect.poll(() => heard, patient).toBe(1);
  });

  test('a peer that is not there yet is heard once it is', async () => {
    let heard = 0;
    const own = await bound(() => {
      heard += 1;
    });
    const gone = await RtpPhone.open({ address: here });
    const { port } = gone;
    await gone.close();
    own.socket.aim({ address: here, port }, true);
    // Each answer of the kernel that nobody is there ends the request that receives.
    for (let n = 0; n < 5; n += 1) {
      own.socket.send(sound(n), 0, 172, -1);
      await pause(5);
    }
    const peer = await RtpPhone.open({ address: here, port });
    open.push(peer);
    peer.sendRaw(sound(1), { address: here, port: own.port });
    await expect.poll(() => heard, patient).toBe(1);
  });

  test('where each packet that is served brings another, others have their turn all the same', () => {
    let answers = 7;
    const endless = {
      name: 1,
      result: 172,
      buffer: 0,
      more: true,
      get waiting() {
        return answers;
      },
      next() {
        if (served > 1000) throw new Error('no end');
        return answers > 0;
      },
      provide: () => undefined,
      enrol: () => true,
      receive: () => undefined,
      send: () => undefined,
      poll: () => undefined,
      cancel: () => undefined,
      enter: () => undefined,
      flush: () => undefined,
    };
    let served = 0;
    const ring = new PacketRing(0, endless);
    ring.watch(0, {
      taken: () => {
        served += 1;
        answers = 7;
        return false;
      },
    });
    ring.serve(0);
    expect(served).toBe(7);
  });
});
