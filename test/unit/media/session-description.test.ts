import { describe, expect, test } from 'vitest';
import { readDescription } from '../../../src/cde/media/offer-answer/session-description.ts';
import { codeOf, sdp } from './negotiation-bench.ts';

const key = (n: number): string => Buffer.alloc(30, n).toString('base64');

describe('a description in the words of an earlier one', () => {
  test('has its own port, and the RTCP port beside it', () => {
    for (const port of [4000, 4002, 65_535, 9]) {
      const { port: read, rtcpPort } = readDescription(sdp({ port }));
      expect({ read, rtcpPort }).toEqual({ read: port, rtcpPort: Math.min(65_535, port + 1) });
    }
  });

  test('has the RTCP port that it names, or that of the sound where both share one', () => {
    for (const port of [4000, 4002]) {
      expect(readDescription(sdp({ port, attributes: ['a=rtcp:4711'] })).rtcpPort).toBe(4711);
      expect(readDescription(sdp({ port, attributes: ['a=rtcp:99999'] })).rtcpPort).toBe(port + 1);
      expect(readDescription(sdp({ port, attributes: ['a=rtcp-mux'] })).rtcpPort).toBe(port);
    }
  });

  test('shares its lists with that one, and not its address', () => {
    const [one, other] = ['198.51.100.7', '198.51.100.8'].map((address) => readDescription(sdp({ address })));
    expect(other?.address).toBe('198.51.100.8');
    expect(other?.formats).toBe(one?.formats);
    expect(other?.events).toBe(one?.events);
  });

  test('is refused as that one was', () => {
    for (const port of [4000, 4002])
      expect(codeOf(() => readDescription(sdp({ port, formats: '97' })))).toBe('not-acceptable-media');
  });

  test('has keys of its own (RFC 4568)', () => {
    for (const n of [1, 2]) {
      const attributes = [`a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${key(n)}`];
      const { crypto } = readDescription(sdp({ protocol: 'RTP/SAVP', attributes }));
      expect(crypto.map((line) => line.key)).toEqual([key(n)]);
    }
  });
});

test('the first audio line over RTP that is not refused is the one that counts', () => {
  const before = ['m=audio 0 RTP/AVP 0', 'm=audio 4100 UDPTL t38', 'm=video 4200 RTP/AVP 31'];
  const { port, lines } = readDescription(sdp({ port: 4000, before, after: ['m=audio 4300 RTP/AVP 0'] }));
  expect(port).toBe(4000);
  expect(lines.map((line) => line === null)).toEqual([false, false, false, true, false]);
});

test.each([0, 65_536, 99_999, 123_456])('port %i is none', (port) => {
  expect(codeOf(() => readDescription(sdp({ port })))).toBe('not-acceptable-media');
});

test('zeros before a port mean nothing', () => {
  expect(readDescription(sdp().replace('m=audio 4000', 'm=audio 04000')).port).toBe(4000);
});
