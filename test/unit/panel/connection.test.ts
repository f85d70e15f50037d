import { expect, test } from 'vitest';
import { Connection } from '../../../src/panel/connection.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { FakeNetwork } from './fake-socket.ts';

function connect() {
  const clock = new FakeClock();
  const network = new FakeNetwork(clock);
  const heard: string[] = [];
  const connection = new Connection(network.ports, {
    link: (link) => heard.push(link),
    frame: (frame) => heard.push(`${frame.seq} ${frame.type}`),
  });
  return { clock, network, heard, connection };
}

const snapshot = { calls: [], sessions: [] };

test('frames are passed on from the snapshot on, in order', () => {
  const { network, heard } = connect();
  network.say(4, 'call.started');
  network.say(4, 'snapshot', snapshot);
  network.say(5, 'call.started');
  network.say(5, 'call.started');
  expect(heard).toEqual(['connecting', '4 snapshot', '5 call.started']);
});

test('a gap is asked for, and nothing is shown out of order meanwhile', () => {
  const { network, heard } = connect();
  network.say(4, 'snapshot', snapshot);
  network.say(7, 'capture.completed');
  network.say(8, 'capture.unlocked');
  expect(network.last.sent).toEqual([{ type: 'resume', after: 4 }]);
  for (const seq of [5, 6, 7, 8]) network.say(seq, 'capture.progress');
  expect(heard.slice(2)).toEqual([5, 6, 7, 8].map((seq) => `${seq} capture.progress`));
});

test('a gap that nobody fills ends in a new connection, whose snapshot tells all', async () => {
  const { clock, network, heard } = connect();
  network.say(4, 'snapshot', snapshot);
  network.say(9, 'capture.completed');
  await clock.run(2000);
  expect(network.sockets).toHaveLength(2);
  network.say(9, 'snapshot', snapshot);
  expect(heard).toEqual(['connecting', '4 snapshot', 'connecting', 'connecting', '9 snapshot']);
});

test('a lost connection is said at once and tried again within a second, for as long as it takes', async () => {
  const { clock, network, heard } = connect();
  network.say(1, 'snapshot', snapshot);
  network.last.listener.closed();
  expect(heard.at(-1)).toBe('connecting');
  network.probe = 'gone';
  for (let n = 0; n < 10; n += 1) {
    const before = network.sockets.length;
    await clock.run(1000);
    expect(network.sockets.length).toBeGreaterThan(before);
    network.last.listener.closed();
  }
  expect(clock.pending).toBe(1);
});

test('a network that is cut without a word is noticed by its silence, and what it says later is not believed', async () => {
  const { clock, network, heard } = connect();
  network.say(1, 'snapshot', snapshot);
  await clock.run(8000);
  expect(network.last.sent).toEqual([{ type: 'ping' }]);
  network.say(1, 'pong');
  await clock.run(3000);
  expect(network.sockets).toHaveLength(1);
  const dead = network.last;
  await clock.run(4000 + 3000);
  expect(heard.at(-1)).toBe('connecting');
  dead.listener.message(JSON.stringify({ seq: 2, type: 'capture.locked' }));
  expect(heard).not.toContain('2 capture.locked');
});

test('the answer to a ping tells of a last frame that was lost, and is no event itself', async () => {
  const { clock, network, heard } = connect();
  network.say(1, 'snapshot', snapshot);
  await clock.run(8000);
  network.say(2, 'pong');
  expect(network.last.sent).toEqual([{ type: 'ping' }, { type: 'resume', after: 1 }]);
  network.say(2, 'capture.unlocked');
  expect(heard).toEqual(['connecting', '1 snapshot', '2 capture.unlocked']);
});

test('a network that comes, goes or wakes up is looked at the same moment', async () => {
  const { clock, network, heard, connection } = connect();
  network.say(1, 'snapshot', snapshot);
  connection.recheck();
  expect(network.last.sent).toEqual([{ type: 'ping' }]);
  await clock.run(3000);
  expect(heard.at(-1)).toBe('connecting');
});

test('a look that is answered ends nothing, whenever it falls between two beats', async () => {
  const { clock, network, heard, connection } = connect();
  network.say(1, 'snapshot', snapshot);
  for (let seq = 2; seq < 40; seq += 1) {
    // Ends just before, at and just after each beat, as the looks of somebody who walks through the panel by keyboard do.
    await clock.run(seq % 2 === 0 ? 900 : 1150);
    connection.recheck();
    network.say(seq - 1, 'pong');
    network.say(seq, 'call.started');
  }
  await clock.run(3999);
  expect(network.sockets).toHaveLength(1);
  expect(heard.filter((word) => word === 'connecting')).toHaveLength(1);
});

test('a token that is not taken is said, and tried again rarely', async () => {
  const { clock, network, heard } = connect();
  network.probe = 'refused';
  network.last.listener.closed();
  await clock.run(1000);
  expect(heard.at(-1)).toBe('refused');
  const before = network.sockets.length;
  await clock.run(14_000);
  expect(network.sockets).toHaveLength(before);
  await clock.run(2000);
  expect(network.sockets).toHaveLength(before + 1);
});

test('after the end no timer and no socket is left', async () => {
  const { clock, network, connection } = connect();
  network.say(1, 'snapshot', snapshot);
  connection.stop();
  connection.stop();
  expect(network.last.closed).toBe(true);
  expect(clock.pending).toBe(0);
  network.last.listener.closed();
  expect(clock.pending).toBe(0);
});
