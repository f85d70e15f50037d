import { expect, test } from 'vitest';
import { describe as describeMedia, readMedia } from '../../../src/demo/phone-sdp.ts';

test('what a phone describes it can read', () => {
  expect(readMedia(describeMedia('127.0.0.1', 4000, 1))).toEqual({
    address: '127.0.0.1',
    port: 4000,
    eventType: 101,
    direction: 'sendrecv',
  });
  expect(readMedia(describeMedia('::1', 4000, 1, 'recvonly', null))).toEqual({
    address: '::1',
    port: 4000,
    eventType: undefined,
    direction: 'recvonly',
  });
});

test('a stream without PCMU, a rejected stream and no stream are no media', () => {
  const sdp = describeMedia('127.0.0.1', 4000, 1);
  expect(readMedia(sdp.replace('RTP/AVP 0 101', 'RTP/AVP 8 101'))).toBeUndefined();
  expect(readMedia(sdp.replace('audio 4000', 'audio 0'))).toBeUndefined();
  expect(readMedia('v=0\r\n')).toBeUndefined();
});
