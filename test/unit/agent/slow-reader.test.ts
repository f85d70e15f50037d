import { EventEmitter } from 'node:events';
import { describe, expect, test, vi } from 'vitest';
import type { WebSocket } from 'ws';
import { AgentSocket, gatherAboveBytes, terminateAboveBytes } from '../../../src/agent/agent-socket.ts';
import { EventLog } from '../../../src/agent/event-log.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { fakeObserver } from './fake-house.ts';

/** A WebSocket whose peer reads only when the test says so. */
class PausedSocket extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  bufferedAmount = 0;
  most = 0;
  readonly sent: string[] = [];
  readonly terminate = vi.fn(() => {
    this.readyState = 3;
  });
  readonly close = vi.fn();
  #flush: (() => void)[] = [];

  send(frame: string, flushed: () => void): void {
    this.sent.push(frame);
    this.bufferedAmount += Buffer.byteLength(frame);
    this.most = Math.max(this.most, this.bufferedAmount);
    this.#flush.push(flushed);
  }

  /** The peer has read everything. */
  drain(): void {
    this.bufferedAmount = 0;
    for (const flushed of this.#flush.splice(0)) flushed();
  }
}

function open(snapshot: string) {
  const socket = new PausedSocket();
  const observer = fakeObserver();
  const log = new EventLog(0);
  const agent = new AgentSocket({
    socket: socket as unknown as WebSocket,
    clock: new FakeClock(),
    observer,
    expiresAt: null,
    snapshot: (seq) => `${seq} ${snapshot}`,
  });
  agent.begin(log);
  const publish = (text: string): void => {
    const frame = log.append((seq) => `${seq} ${text}`);
    if (frame !== undefined) agent.deliver(frame);
  };
  return { socket, observer, agent, log, publish };
}

describe('a reader who does not read', () => {
  test('of 10,000 updates costs no more than the gathering limit and one frame', () => {
    const { socket, observer, publish } = open('state');
    const frame = 'x'.repeat(3_000);
    for (let n = 0; n < 10_000; n += 1) publish(frame);
    expect(socket.most).toBeLessThan(gatherAboveBytes + 2 * 3_010);
    expect(observer.framesGathered).toHaveBeenCalledOnce();
    expect(socket.terminate).not.toHaveBeenCalled();
  });

  test('gets no state on top of what it has not read, but one when it has', () => {
    const { socket, agent, publish } = open('state');
    for (let n = 0; n < 1_000; n += 1) publish('x'.repeat(3_000));
    const before = socket.sent.length;
    for (let n = 0; n < 100; n += 1) agent.refresh();
    expect(socket.sent).toHaveLength(before);
    socket.drain();
    expect(socket.sent.slice(before)).toEqual(['1000 state']);
  });

  test('who has read all gets the state when it changes without an event, unless much is on its way', () => {
    const { socket, agent } = open('x'.repeat(gatherAboveBytes));
    socket.drain();
    agent.refresh();
    for (let n = 0; n < 10; n += 1) agent.refresh();
    expect(socket.sent).toHaveLength(2);
    expect(socket.terminate).not.toHaveBeenCalled();
    socket.drain();
    expect(socket.sent).toHaveLength(3);
  });

  test('gets the newest state in place of what it missed, then events again, without a number left out', () => {
    const { socket, publish } = open('state');
    for (let n = 0; n < 1_000; n += 1) publish('x'.repeat(3_000));
    const before = socket.sent.length;
    socket.drain();
    expect(socket.sent.slice(before)).toEqual(['1000 state']);
    publish('next');
    expect(socket.sent.at(-1)).toBe('1001 next');
  });

  test('gets its state only when nothing is before it any more', () => {
    const { socket, publish } = open('state');
    for (let n = 0; n < 100; n += 1) publish('x'.repeat(3_000));
    const before = socket.sent.length;
    socket.bufferedAmount = 1;
    socket.emit('drain');
    publish('more');
    expect(socket.sent).toHaveLength(before);
  });

  test('is terminated when the next frame would pass the last limit', () => {
    const { socket, publish } = open('state');
    publish('x'.repeat(gatherAboveBytes - 100));
    publish('y'.repeat(terminateAboveBytes));
    expect(socket.terminate).toHaveBeenCalledOnce();
    expect(socket.most).toBeLessThanOrEqual(terminateAboveBytes);
  });

  test('may get one state that is larger than the last limit, and nothing behind it', () => {
    const { socket, publish } = open('s'.repeat(2 * terminateAboveBytes));
    publish('x');
    expect(socket.terminate).not.toHaveBeenCalled();
    expect(socket.sent).toHaveLength(1);
  });

  test('cannot pile up states by asking for them', () => {
    const { socket } = open('s'.repeat(100_000));
    for (let n = 0; n < 9; n += 1) socket.emit('message', Buffer.from('{"type":"resume","after":9}'), false);
    expect(socket.most).toBeLessThanOrEqual(terminateAboveBytes);
    expect(socket.terminate).toHaveBeenCalled();
  });

  test('who is asked for a replay too large for it gets the state', () => {
    const { socket, log } = open('state');
    for (let n = 0; n < 40; n += 1) log.append((seq) => `${seq} ${'円'.repeat(3_200)}`);
    socket.drain();
    socket.emit('message', Buffer.from('{"type":"resume","after":0}'), false);
    expect(socket.sent.at(-1)).toBe('40 state');
  });
});
