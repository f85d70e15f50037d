import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultMessageLimits } from '../../../src/sip-server/message/message-limits.ts';
import { parseDatagram } from '../../../src/sip-server/message/message-parser.ts';
import { printMessage } from '../../../src/sip-server/message/message-printer.ts';
import { headerOf, headersOf, type SipMessage } from '../../../src/sip-server/message/sip-message.ts';

const parse = (text: string) => parseDatagram(Buffer.from(text, 'latin1'), defaultMessageLimits);

function message(text: string): SipMessage {
  const result = parse(text);
  if (result.kind === 'fault') throw new Error(result.fault.reason);
  return result.message;
}

function fault(text: string) {
  const result = parse(text);
  return result.kind === 'fault' ? result.fault : undefined;
}

/** Of several tries the quickest, in milliseconds: the others tell what else the machine was doing. */
function quickest(work: () => void): number {
  const times = Array.from({ length: 5 }, () => {
    const began = performance.now();
    work();
    return performance.now() - began;
  });
  return Math.min(...times);
}

const base: Readonly<Record<string, string>> = {
  Via: 'SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKabc',
  From: '<sip:a@example.com>;tag=1',
  To: '<sip:b@example.com>',
  'Call-ID': 'id@example.com',
  CSeq: '1 INVITE',
  'Max-Forwards': '70',
};

function request(
  changes: Readonly<Record<string, string | undefined>> = {},
  start = 'INVITE sip:b@example.com SIP/2.0',
) {
  const lines = Object.entries({ ...base, ...changes }).filter(([, value]) => value !== undefined);
  return `${start}\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
}

describe('reading a message', () => {
  it('takes compact names, folded lines, odd spacing and any case as RFC 3261 §7.3 allows', () => {
    const read = message(
      'OPTIONS sip:b@example.com SIP/2.0\r\n' +
        'v  :  SIP  / 2.0\r\n /UDP  host.example.com ;branch = z9hG4bK1 , SIP/2.0/TCP [2001:db8::1]:5070;branch=z9hG4bK2\r\n' +
        'f: "A, \\"B\\" <x>" <sip:a@example.com>\r\n ; tag = 7\r\n' +
        't:sip:b@example.com\r\ni: 1\r\nCSEQ: 0009\r\n OPTIONS\r\nX-Own: keeps  its   Spaces\r\nl: 0\r\n\r\n',
    );
    expect(headersOf(read, 'Via')).toEqual([
      'SIP  / 2.0 /UDP  host.example.com ;branch = z9hG4bK1',
      'SIP/2.0/TCP [2001:db8::1]:5070;branch=z9hG4bK2',
    ]);
    expect(headerOf(read, 'From')).toBe('"A, \\"B\\" <x>" <sip:a@example.com> ; tag = 7');
    expect(read.headers).toContainEqual({ name: 'X-Own', value: 'keeps  its   Spaces' });
  });

  it('takes what Content-Length says of a datagram and ignores the rest', () => {
    expect(Buffer.from(message(`${request({ 'Content-Length': '3' })}abcdef`).body).toString()).toBe('abc');
    expect(Buffer.from(message(`${request()}abcdef`).body).toString()).toBe('abcdef');
  });

  it('keeps bytes that are no UTF-8, in headers and in the body', () => {
    const read = message(`${request({ Subject: '\xff\xfe \xe5' })}\x00\xff\r\n`);
    expect(printMessage(read).toString('latin1')).toContain('Subject: \xff\xfe \xe5\r\n');
    expect(printMessage(read).toString('latin1').endsWith('\r\n\r\n\x00\xff\r\n')).toBe(true);
  });

  it('says method and copied headers of a bad request, so that it can be answered', () => {
    const found = fault(request({ CSeq: '1 BYE' }));
    expect(found).toMatchObject({ reason: 'method-mismatch', status: 400, request: { method: 'INVITE' } });
    expect(found?.request?.headers.map((field) => field.name)).toEqual(['Via', 'From', 'To', 'Call-ID', 'CSeq']);
  });

  it.each([
    ['an ACK', request({ CSeq: '1 BYE' }, 'ACK sip:b@example.com SIP/2.0')],
    ['a response', request({ CSeq: 'x' }, 'SIP/2.0 200 OK')],
    ['noise', 'GET / HTTP/1.1\r\n\r\n'],
    ['nothing', '\r\n\r\n'],
  ])('never answers %s', (_, text) => {
    expect(fault(text)?.status).toBe(0);
  });

  it.each([
    ['SIP/7.0', request({}, 'OPTIONS sip:b@example.com SIP/7.0'), 505],
    ['a scheme nobody knows', request({}, 'INVITE nobodyKnows:this SIP/2.0'), 416],
    ['white space in the Request-URI', request({}, 'INVITE sip:b@example.com; lr SIP/2.0'), 400],
    ['a Request-URI in brackets', request({}, 'INVITE <sip:b@example.com> SIP/2.0'), 400],
    ['two spaces', request({}, 'INVITE  sip:b@example.com SIP/2.0'), 400],
    ['a bare IPv6 address', request({}, 'INVITE sip:2001:db8::1 SIP/2.0'), 400],
    ['headers in the Request-URI', request({}, 'INVITE sip:b@example.com?Route=x SIP/2.0'), 400],
    ['no From', request({ From: undefined }), 400],
    ['an open quote', request({ To: '"Mr. J. <sip:b@example.com>' }), 400],
    ['a comma in a bare name', request({ From: 'Bell, A <sip:a@example.com>;tag=1' }), 400],
    ['a CSeq past 2³¹', request({ CSeq: '36893488147419103232 INVITE' }), 400],
    ['Max-Forwards past 255', request({ 'Max-Forwards': '300' }), 400],
    ['a negative length', request({ 'Content-Length': '-999' }), 400],
    ['a length past the datagram', `${request({ 'Content-Length': '10' })}short`, 400],
    ['a question mark in a bare Contact', request({ Contact: 'sip:a@example.com?Route=x' }), 400],
    ['empty parameters', request({ Contact: '<sip:a@example.com>;;;' }), 400],
    ['two From headers', request({ f: '<sip:c@example.com>;tag=2' }), 400],
    ['a carriage return inside a line', request({ Subject: 'a\rb: c' }), 400],
    ['no blank line', request().slice(0, -2), 400],
  ])('refuses %s', (_, text, status) => {
    expect(fault(text)?.status).toBe(status);
  });

  it('keeps its limits on head, header count and body', () => {
    expect(fault(request({ Subject: 'x'.repeat(defaultMessageLimits.headBytes) }))?.reason).toBe('head-too-long');
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`X-${index}`, '1']));
    expect(fault(request(many))?.reason).toBe('too-many-headers');
    expect(fault(request({ From: `<sip:a@b>${';a'.repeat(200)}` }))?.reason).toBe('from-or-to');
    expect(fault(request({ Contact: Array(300).fill('<sip:a@b>').join() }))?.reason).toBe('address-header');
    expect(fault(request({ Subject: `a${'\r\n b'.repeat(2_000)}` }))?.reason).toBe('too-many-headers');
    expect(fault(request() + 'x'.repeat(defaultMessageLimits.bodyBytes + 1))?.reason).toBe('body-too-long');
  });

  it('prints what it reads: printing and reading again gives the same message', () => {
    const text = fc.stringMatching(/^[!-~\u00a1-\u00ff]([ -~\u00a1-\u00ff]{0,20}[!-~\u00a1-\u00ff])?$/);
    const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,15}$/).map((tail) => `X-${tail}`);
    const fields = fc.array(fc.record({ name, value: text }), { maxLength: 20 });
    fc.assert(
      fc.property(fields, fc.uint8Array({ maxLength: 200 }), (extra, body) => {
        const first = message(request());
        const made = { ...first, headers: [...first.headers, ...extra], body };
        const again = parseDatagram(printMessage(made), defaultMessageLimits);
        expect(again.kind).toBe('message');
        if (again.kind !== 'message') return;
        expect(again.message.headers).toEqual(made.headers);
        expect(Buffer.from(again.message.body)).toEqual(Buffer.from(body));
        expect(printMessage(again.message)).toEqual(printMessage(made));
      }),
    );
  });

  it('never throws and never takes long, whatever the bytes are', () => {
    const whole = request({ Route: '<sip:p.example.com;lr>', Contact: '"x" <sip:a@example.com>;q=0.5' });
    const mutated = fc
      .array(fc.tuple(fc.nat({ max: whole.length - 1 }), fc.constantFrom(...' \t\r\n,;<>"\\:@\0\xff%[]=?')), {
        maxLength: 8,
      })
      .map((edits) => edits.reduce((text, [at, char]) => text.slice(0, at) + char + text.slice(at + 1), whole));
    const noise = fc.uint8Array({ maxLength: 500 }).map((bytes) => Buffer.from(bytes).toString('latin1'));
    fc.assert(
      fc.property(fc.oneof(mutated, noise), (text) => void parse(text)),
      { numRuns: 3_000 },
    );
  });

  it.each([
    ['spaces', ' '],
    ['quotes', '"'],
    ['backslashes', '\\'],
    ['commas', ','],
    ['semicolons', ';a='],
    ['brackets', '<'],
    ['equal signs', '='],
    ['folds', '\r\n '],
  ])('reads a head full of %s in a few milliseconds', (_, piece) => {
    const filler = piece.repeat(Math.floor(20_000 / piece.length));
    for (const name of ['From', 'Contact', 'Via', 'Route', 'CSeq', 'Subject']) {
      const bytes = Buffer.from(request({ [name]: `"a" <sip:b@c${filler}x` }), 'latin1');
      expect(quickest(() => parseDatagram(bytes, defaultMessageLimits))).toBeLessThan(50);
    }
  });
});
