import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { noLeg } from '../../../src/cde/media/offer-answer/leg-text.ts';
import { Negotiation } from '../../../src/cde/media/offer-answer/negotiation.ts';
import type { Dictionary } from '../../../src/cde/media/rtpengine/bencode.ts';
import { CopySocket } from '../../../src/cde/media/rtpengine/copy-socket.ts';
import { DaemonCall } from '../../../src/cde/media/rtpengine/daemon-call.ts';
import { relayable } from '../../../src/cde/media/rtpengine/relayable.ts';
import { RelayedCall } from '../../../src/cde/media/rtpengine/relayed-call.ts';
import { CodedError } from '../../../src/shared/coded-error.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const sdp =
  'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\n';
const leg = { ...noLeg, remote: { address: '127.0.0.1', port: 40_002, rtcpPort: 40_003 } };

/** Stands in for a daemon: writes down what it is told, and fails where a test says. */
class PaperDaemon {
  readonly told: string[] = [];
  failsAt = Number.POSITIVE_INFINITY;

  ask = async (command: string, more: Dictionary): Promise<Dictionary> => {
    const who = String(more['to-tag'] ?? more['from-tag'] ?? '');
    this.told.push(`${command} ${who}`.trim());
    if (this.told.length === this.failsAt) throw new CodedError('media-failed');
    return { result: 'ok', sdp, 'to-tag': command === 'subscribe request' ? 'copy' : 'agent' };
  };
}

let daemon: PaperDaemon;
let socket: CopySocket;
let clock: FakeClock;
let call: RelayedCall;
let intervals: number;

beforeEach(async () => {
  daemon = new PaperDaemon();
  clock = new FakeClock();
  intervals = 0;
  socket = await CopySocket.open({ host: '127.0.0.1', port: 0 });
  call = new RelayedCall({
    steps: new DaemonCall(daemon, 'call', []),
    socket,
    clock,
    secureAudio: 'mute',
    betweenCaptures: 'pass',
    legs: () => ({ caller: leg, agent: leg }),
    heard: () => undefined,
    secured: () => {
      intervals += 1;
    },
  });
});

afterEach(async () => {
  call.close();
  await socket.close();
});

/** Lets promises settle that wait for nothing but each other. */
const settle = async (): Promise<void> => {
  for (let i = 0; i < 40; i += 1) await Promise.resolve();
};

describe('the lock', () => {
  const inForce = ['subscribe request caller', 'subscribe answer copy', 'unsubscribe agent', 'play media agent'];

  test('copies first, then takes the agent off the customer, and only then plays silence', async () => {
    await call.secure();
    expect(daemon.told.filter((line) => inForce.includes(line))).toEqual(inForce);
    expect(daemon.told.some((line) => /^(?:offer|answer)/.test(line))).toBe(false);
  });

  test('fails closed: whichever step fails, the customer is blocked and the lock refused', async () => {
    await call.secure();
    const steps = daemon.told.length;
    expect(steps).toBeGreaterThan(6);
    for (let step = 1; step <= steps; step += 1) {
      call.close();
      const fresh = new PaperDaemon();
      fresh.failsAt = step;
      call = new RelayedCall({
        steps: new DaemonCall(fresh, 'call', []),
        socket,
        clock,
        secureAudio: 'mute',
        betweenCaptures: 'pass',
        legs: () => ({ caller: leg, agent: leg }),
        heard: () => undefined,
        secured: () => undefined,
      });
      const outcome = await call.secure().then(
        () => 'secured',
        (error: CodedError) => error.code,
      );
      // Nothing is played yet when it is told to stop: that one step may fail.
      if (fresh.told[step - 1] === 'stop media agent') expect(outcome).toBe('secured');
      else {
        expect(outcome).toBe('media-failed');
        expect(fresh.told.slice(-2)).toEqual(['block media caller', 'block DTMF caller']);
      }
    }
  });

  test('stays through a new description of a leg: nothing passes between the two', async () => {
    await call.secure();
    daemon.told.length = 0;
    await call.configure();
    const at = (line: string): number => daemon.told.indexOf(line);
    expect(at('block media caller')).toBe(0);
    expect(at('offer caller')).toBeGreaterThan(at('block DTMF caller'));
    expect(at('unsubscribe agent')).toBeGreaterThan(at('answer agent'));
    expect(at('unblock media caller')).toBeGreaterThan(at('unsubscribe agent'));
  });

  test('twice is once, and a lock that comes between the word and the deed of a release stays', async () => {
    await call.secure();
    const steps = daemon.told.length;
    await call.secure();
    expect(daemon.told).toHaveLength(steps);
    clock.advance(1000);
    await call.release();
    clock.advance(50);
    await call.secure();
    clock.advance(1000);
    await settle();
    expect(daemon.told.filter((line) => line.startsWith('offer'))).toEqual([]);
    expect(intervals).toBe(0);
  });

  test('goes a moment after its release was told; events pass later still', async () => {
    await call.secure();
    clock.advance(1000);
    const interval = await call.release();
    expect(interval.ms).toBeGreaterThanOrEqual(1000);
    daemon.told.length = 0;
    clock.advance(99);
    await settle();
    expect(daemon.told).toEqual([]);
    clock.advance(2);
    await settle();
    expect(daemon.told[0]).toBe('block DTMF caller');
    expect(daemon.told).toContain('offer caller');
    expect(daemon.told).not.toContain('unblock DTMF caller');
    expect(intervals).toBe(1);
    clock.advance(1000);
    await settle();
    expect(daemon.told.at(-1)).toBe('unblock DTMF caller');
  });

  test('that was never there is released at once', async () => {
    expect(await call.release()).toMatchObject({ ms: 0 });
    expect(daemon.told).toEqual([]);
  });
});

describe('what a peer describes', () => {
  const red = sdp.replace('0 101', '0 101 98').concat('a=rtpmap:98 red/8000\r\na=fmtp:98 101/101\r\n');

  test('is taken without redundancy, which the copy is read without', () => {
    const negotiation = new Negotiation({
      address: '127.0.0.2',
      ports: { caller: 30_000, agent: 30_002 },
      sessionIds: { caller: 1, agent: 2 },
      srtp: { caller: 'refuse', agent: 'refuse' },
      isOurs: () => false,
    });
    negotiation.acceptOffer('caller', relayable(red));
    const answer = negotiation.describeAnswer('caller');
    expect(answer).toMatch(/telephone-event/);
    expect(answer).not.toMatch(/ red\//);
    expect(answer).not.toMatch(/^m=audio .* 98/m);
  });

  test('is refused when it is encrypted', () => {
    for (const profile of ['RTP/SAVP', 'RTP/SAVPF', 'UDP/TLS/RTP/SAVPF'])
      expect(() => relayable(sdp.replace('RTP/AVP', profile))).toThrow(CodedError);
  });
});
