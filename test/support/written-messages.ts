const lines = (...text: string[]): Buffer => Buffer.from(text.join('\r\n'), 'latin1');

const common = (method: string, cseq = 1): string[] => [
  'Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK776asdhds;rport',
  'Max-Forwards: 70',
  'From: "Alice" <sip:alice@atlanta.example>;tag=1928301774',
  'To: Bob <sip:bob@biloxi.example;user=phone>',
  'Call-ID: a84b4c76e66710@pc33.atlanta.example',
  `CSeq: ${cseq} ${method}`,
  'Contact: <sip:alice@192.0.2.1:5060;transport=udp>',
];

const sdp = [
  ...['v=0', 'o=- 1 1 IN IP4 192.0.2.1', 's=-', 'c=IN IP4 192.0.2.1', 't=0 0', 'm=audio 4000 RTP/AVP 8 101'],
  ...['a=rtpmap:101 telephone-event/8000', 'a=fmtp:101 0-15', ''],
].join('\r\n');

const withBody = (start: string, headers: readonly string[], type: string, body: string): Buffer =>
  lines(start, ...headers, `Content-Type: ${type}`, `Content-Length: ${body.length}`, '', body);

const empty = (start: string, headers: readonly string[]): Buffer =>
  lines(start, ...headers, 'Content-Length: 0', '', '');

/** Messages of every kind that trunks send, some of them written as oddly as RFC 3261 allows. */
export const writtenMessages: readonly Buffer[] = [
  withBody(
    'INVITE sip:bob@biloxi.example SIP/2.0',
    [...common('INVITE'), 'Session-Expires: 1800'],
    'application/sdp',
    sdp,
  ),
  withBody(
    'INVITE sip:+81312345678;ext=1@gw.example:5061;transport=tcp SIP/2.0',
    [
      'v:SIP / 2.0 / TCP [2001:db8::1]:5060 ; branch = z9hG4bKxyzw , SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKyxwv;received=10.0.0.2',
      'f: sip:a@b;tag=1',
      't:\t<sip:c@d>',
      'i: xyzw@y',
      'CSeq:\r\n 7   INVITE',
      'm: <sip:a@b>;q=0.5,"x,y" <sip:c@d>',
      'k: timer, 100rel,\r\n replaces',
      'Record-Route: <sip:p1.example;lr>, <sip:p2.example;lr>',
    ],
    'multipart/mixed;boundary="b"',
    `--b\r\nContent-Type: application/sdp\r\n\r\n${sdp}--b--\r\n`,
  ),
  empty('ACK sip:bob@192.0.2.4 SIP/2.0', common('ACK')),
  empty('BYE sip:bob@192.0.2.4 SIP/2.0', [...common('BYE', 2), 'Reason: Q.850;cause=16;text="Normal"']),
  empty('CANCEL sip:bob@biloxi.example SIP/2.0', common('CANCEL')),
  empty('OPTIONS sip:gw.example SIP/2.0', [...common('OPTIONS'), 'Accept: application/sdp']),
  empty('PRACK sip:bob@192.0.2.4 SIP/2.0', [...common('PRACK', 3), 'RAck: 776656 1 INVITE']),
  empty('REFER sip:bob@192.0.2.4 SIP/2.0', [
    ...common('REFER', 4),
    'Refer-To: <sip:carol@x?Replaces=a%40b%3Bto-tag%3D1%3Bfrom-tag%3D2>',
    'Referred-By: <sip:alice@atlanta.example>',
  ]),
  empty('REGISTER sip:registrar.example SIP/2.0', [
    ...common('REGISTER'),
    'Authorization: Digest username="bob", realm="x", nonce="y", uri="sip:x", response="z", qop=auth, nc=00000001',
  ]),
  withBody(
    'INFO sip:bob@192.0.2.4 SIP/2.0',
    common('INFO', 5),
    'application/dtmf-relay',
    'Signal=*\r\nDuration=160\r\n',
  ),
  withBody(
    'NOTIFY sip:bob@192.0.2.4 SIP/2.0',
    [...common('NOTIFY', 6), 'Event: refer', 'Subscription-State: active;expires=60'],
    'message/sipfrag;version=2.0',
    'SIP/2.0 100 Trying\r\n',
  ),
  withBody('SIP/2.0 200 OK', [...common('INVITE'), 'Record-Route: <sip:p1.example;lr>'], 'application/sdp', sdp),
  empty('SIP/2.0 183 Session Progress', [...common('INVITE'), 'Require: 100rel', 'RSeq: 813520']),
  empty('SIP/2.0 407 Proxy Authentication Required', [...common('INVITE'), 'Proxy-Authenticate: Digest realm="a"']),
];
