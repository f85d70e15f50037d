import { describe, expect, test } from 'vitest';
import { readSdp } from '../../../src/telephony/sdp-facts.ts';

const session = ['v=0', 'o=- 1 1 IN IP4 192.0.2.1', 's=-', 't=0 0'];
const audio = 'm=audio 4000 RTP/AVP 0';
const lines = (...more: string[]): string => [...session, ...more, ''].join('\r\n');
const address = 'c=IN IP4 192.0.2.1';

describe('What telephony reads of a description (RFC 8866)', () => {
  test.each([
    ['of the session', [address, audio], '192.0.2.1:4000'],
    ['of the audio line, which goes before', [address, audio, 'c=IN IP4 192.0.2.9'], '192.0.2.9:4000'],
    ['of no other line', [address, audio, 'm=video 5000 RTP/AVP 96', 'c=IN IP4 192.0.2.9'], '192.0.2.1:4000'],
    ['of the first audio line', [address, 'm=video 5 RTP/AVP 96', audio, 'm=audio 6000 RTP/AVP 8'], '192.0.2.1:4000'],
    [
      'with a count of ports, and a time to live',
      ['c=IN IP4 224.2.1.1/127', 'm=audio 4000/2 RTP/AVP 0'],
      '224.2.1.1:4000',
    ],
    ['of version 6', ['c=IN IP6 2001:db8::7', audio], '2001:db8::7:4000'],
    ['that is nowhere', [audio], ':4000'],
  ])('the address %s', (_, more, expected) => {
    expect(readSdp(lines(...more))?.mediaAddress).toBe(expected);
    expect(readSdp(lines(...more).replaceAll('\r', ''))?.mediaAddress).toBe(expected);
  });

  test.each([
    ['none is said', [address, audio], false],
    ['both ways', [address, audio, 'a=sendrecv'], false],
    ['it only sends', [address, audio, 'a=sendonly'], true],
    ['it does neither', [address, audio, 'a=inactive'], true],
    ['it only listens', [address, audio, 'a=recvonly'], false],
    ['the session holds', [address, 'a=sendonly', audio], true],
    ['the session holds and the line does not', [address, 'a=inactive', audio, 'a=sendrecv'], false],
    ['another line holds', [address, audio, 'm=video 5000 RTP/AVP 96', 'a=inactive'], false],
    ['the old form holds', ['c=IN IP4 0.0.0.0', audio], true],
    ['the old form of version 6 holds', ['c=IN IP6 ::', audio], true],
    ['an attribute only begins like one', [address, audio, 'a=sendonlyish'], false],
  ])('whether it holds: %s', (_, more, expected) => {
    expect(readSdp(lines(...more))?.hold).toBe(expected);
  });

  test('a version that is another is no change (RFC 4028 §7.4), anything else is', () => {
    const digest = (text: string): string | undefined => readSdp(text)?.digest;
    const text = lines(address, audio);
    expect(digest(text.replace('o=- 1 1', 'o=- 1 2'))).toBe(digest(text));
    expect(digest(text.replace('4000', '4002'))).not.toBe(digest(text));
  });

  test.each([
    ['empty', ''],
    ['no description', 'hello\r\nm=\r\nm=audio'],
    ['only of a picture', lines(address, 'm=video 5000 RTP/AVP 96')],
  ])('nothing when it is %s', (_, text) => {
    expect(readSdp(text)).toBeUndefined();
  });
});
