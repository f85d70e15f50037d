import { describe, expect, test } from 'vitest';
import { carried } from '../../../src/cde/media/freeswitch/carried.ts';

const sdp = (types: string, ...lines: string[]) =>
  [
    'v=0',
    'o=- 1 1 IN IP4 192.0.2.1',
    's=-',
    'c=IN IP4 192.0.2.1',
    't=0 0',
    `m=audio 4000 RTP/AVP ${types}`,
    ...lines,
    '',
  ].join('\r\n');
const audio = (text: string) => /^m=audio .*$/m.exec(text)?.[0].trim();

describe('what of a description FreeSWITCH is to carry', () => {
  test('is G.711 and its events; the rest goes with its maps', () => {
    const text = carried(
      sdp(
        '111 8 9 0 101 102',
        'a=rtpmap:111 opus/48000/2',
        'a=fmtp:111 useinbandfec=1',
        'a=rtpmap:8 PCMA/8000',
        'a=rtpmap:101 telephone-event/8000',
        'a=fmtp:101 0-15',
        'a=rtpmap:102 telephone-event/48000',
      ),
    );
    expect(audio(text)).toBe('m=audio 4000 RTP/AVP 8 0 101');
    expect(text).toContain('a=fmtp:101 0-15');
    expect(text).not.toMatch(/opus|useinbandfec|48000/);
  });

  test('is the first codec of an answer', () => {
    const answer = sdp('101 8 0', 'a=rtpmap:101 telephone-event/8000', 'a=rtpmap:0 PCMU/8000');
    expect(audio(carried(answer, 'first'))).toBe('m=audio 4000 RTP/AVP 101 8');
    expect(carried(answer, 'first')).not.toContain('PCMU');
  });

  test('goes by the map where a number that is usually G.711 stands for another codec', () => {
    expect(audio(carried(sdp('0 96', 'a=rtpmap:0 speex/8000', 'a=rtpmap:96 pcma/8000')))).toBe(
      'm=audio 4000 RTP/AVP 96',
    );
  });

  test('has RTCP on a port of its own', () => {
    expect(carried(sdp('0', 'a=rtcp-mux'))).not.toContain('rtcp-mux');
  });

  test('is nothing encrypted, and nothing without G.711', () => {
    expect(() => carried(sdp('0').replace('RTP/AVP', 'RTP/SAVP'))).toThrow(/encrypted/);
    expect(() => carried(sdp('0').replace('RTP/AVP', 'UDP/TLS/RTP/SAVPF'))).toThrow(/encrypted/);
    expect(() => carried(sdp('111', 'a=rtpmap:111 opus/48000/2'))).toThrow(/G\.711/);
  });

  test('leaves to others what is no audio at all', () => {
    expect(carried('')).toBe('');
    expect(carried('v=0\r\n')).toBe('v=0\r\n');
  });
});
