import { describe, expect, it } from 'vitest';
import { defaultMessageLimits } from '../../../src/sip-server/message/message-limits.ts';
import { StreamFramer } from '../../../src/sip-server/transport/stream-framer.ts';

const headers =
  'Via: SIP/2.0/TCP 192.0.2.1;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: 1\r\nCSeq: 1 INFO\r\n';
const request = (body: string) => `INFO sip:c@d SIP/2.0\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`;

function framed(chunks: readonly string[]): readonly string[] {
  const framer = new StreamFramer(defaultMessageLimits);
  return chunks
    .flatMap((chunk) => framer.push(Buffer.from(chunk, 'latin1')))
    .map((event) => {
      if (event.kind === 'message') return `message ${Buffer.from(event.message.body).toString()}`;
      return event.kind === 'fault' ? event.fault.reason : event.kind;
    });
}

describe('cutting a stream into messages', () => {
  const stream = `${request('one')}\r\n\r\n${request('')}\r\n${request('three')}`;
  const expected = ['message one', 'ping', 'message ', 'message three'];

  it('finds the same messages whatever byte the stream is split at', () => {
    expect(framed([stream])).toEqual(expected);
    expect(framed([...stream])).toEqual(expected);
    for (let at = 1; at < stream.length; at++)
      expect(framed([stream.slice(0, at), stream.slice(at)])).toEqual(expected);
  });

  it('goes on after a bad message whose length is known', () => {
    const bad = request('xx').replace('CSeq: 1 INFO', 'CSeq: 1 BYE');
    expect(framed([bad + request('next')])).toEqual(['method-mismatch', 'message next']);
  });

  it.each([
    ['no Content-Length', `INFO sip:c@d SIP/2.0\r\n${headers}\r\n`, 'no-content-length'],
    ['a negative one', request('').replace('Length: 0', 'Length: -1'), 'content-length'],
    ['two of them', request('').replace('\r\n\r\n', '\r\nContent-Length: 5\r\n\r\n'), 'duplicate-header'],
    ['one past the limit', request('').replace('Length: 0', 'Length: 99999'), 'body-too-long'],
    ['a head without end', 'x'.repeat(defaultMessageLimits.headBytes + 1), 'head-too-long'],
  ])('gives the stream up after %s', (_, text, reason) => {
    expect(framed([text, request('never read')])).toEqual([reason, 'lost']);
  });
});
