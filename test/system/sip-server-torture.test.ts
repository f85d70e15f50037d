import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plainOptions, tortureMessages } from '../support/sip-torture.ts';
import { type AppRequest, type AppResponse, Side } from '../unit/sip-server/two-servers.ts';

/*
 * The messages of RFC 4475 and RFC 5118, where a copy of them lies beside the repository. `expected` is what those RFCs,
 * read for a server with an application on it that serves INVITE, OPTIONS and MESSAGE, ask for; 0: no answer.
 */
const present = tortureMessages.length > 0;

const expected: Readonly<Record<string, readonly number[]>> = {
  wsinv: [481],
  intmeth: [405],
  esc01: [486],
  escnull: [405],
  esc02: [405],
  lwsdisp: [200],
  longreq: [486],
  dblreq: [405],
  semiuri: [200],
  transports: [200],
  mpart01: [200],
  unreason: [0],
  noreason: [0],
  badinv01: [400],
  clerr: [400],
  ncl: [400],
  scalar02: [400],
  scalarlg: [0],
  quotbal: [400],
  ltgtruri: [400],
  lwsruri: [400],
  lwsstart: [400],
  trws: [400],
  escruri: [400],
  baddate: [486],
  regbadct: [400],
  badaspec: [200],
  baddn: [400],
  badvers: [505],
  mismatch01: [400],
  mismatch02: [400],
  bigcode: [0],
  badbranch: [200],
  insuf: [400],
  unkscm: [416],
  novelsc: [416],
  unksm2: [405],
  bext01: [420],
  invut: [415],
  regaut01: [405],
  multi01: [400],
  mcl01: [400],
  bcast: [0],
  zeromf: [200],
  cparam01: [405],
  cparam02: [405],
  regescrt: [405],
  sdp01: [488],
  inv2543: [486],
  test: [0, 400],
  'ipv6-good': [405],
  'ipv6-bad': [400],
  'port-ambiguous': [405],
  'port-unambiguous': [405],
  'via-received-param-with-delim': [481],
  'via-received-param-no-delim': [200],
  'ipv6-in-sdp': [486],
  'mult-ip-in-header': [481],
  'mult-ip-in-sdp': [486],
  'ipv4-mapped-ipv6': [486],
  'ipv6-bug-abnf-3-colons': [200],
  'ipv6-correct-abnf-2-colons': [200],
};

const messages = tortureMessages.map(({ name, bytes }) => [name, bytes] as const);

let side: Side;
let socket: Socket;
let replies: string[] = [];
let turn = 0;

function serve(request: AppRequest, response: AppResponse): void {
  if (!/application\/sdp/.test(request.has('Content-Type') ? request.get('Content-Type') : 'application/sdp')) {
    response.send(415, { headers: { Accept: 'application/sdp' } });
  } else response.send(request.has('Accept') && !/sdp/.test(request.get('Accept')) ? 488 : 486);
}

function options(protocol: 'UDP' | 'TCP'): { text: string; id: string } {
  turn += 1;
  const id = `check-${turn}`;
  return { text: plainOptions(protocol, id), id };
}

const statusOf = (reply: string): number => Number(/^SIP\/2\.0 (\d{3})/.exec(reply)?.[1]);

/** What the message itself was answered: refusals of INVITEs before it are repeated meanwhile, since nobody acknowledges them. */
function finals(all: readonly string[], message: Buffer): readonly number[] {
  const callIdOf = (text: string) => /^(?:call-id|i)[ \t]*:[ \t]*(.*?)\s*$/im.exec(text)?.[1];
  const callId = callIdOf(message.toString('latin1'));
  return all
    .filter((reply) => callIdOf(reply) === callId)
    .map(statusOf)
    .filter((status) => status >= 200);
}

async function eventually(holds: () => boolean): Promise<boolean> {
  for (let round = 0; round < 400 && !holds(); round++) await new Promise((resolve) => setTimeout(resolve, 5));
  return holds();
}

/** Sends a message and then an OPTIONS; resolves with the statuses that the message itself got. */
async function overUdp(bytes: Buffer): Promise<readonly number[]> {
  replies = [];
  const port = side.port('udp');
  const check = options('UDP');
  socket.send(bytes, port, '127.0.0.1');
  // The application answers over a socket of its own, so the OPTIONS must not overtake what it answers.
  await new Promise((resolve) => setTimeout(resolve, 25));
  socket.send(check.text, port, '127.0.0.1');
  const alive = await eventually(() => replies.some((reply) => reply.includes(check.id) && statusOf(reply) === 200));
  expect(alive).toBe(true);
  return finals(replies, bytes);
}

/** One TCP connection that gets the message in two pieces. */
async function overTcp(bytes: Buffer, at: number): Promise<void> {
  const stream = connect(side.port('tcp'), '127.0.0.1');
  stream.setNoDelay(true);
  stream.on('error', () => undefined);
  await once(stream, 'connect');
  stream.write(bytes.subarray(0, at));
  await new Promise((resolve) => setImmediate(resolve));
  stream.write(bytes.subarray(at));
  await new Promise((resolve) => setImmediate(resolve));
  stream.destroy();
}

async function aliveOverTcp(): Promise<boolean> {
  const check = options('TCP');
  const stream = connect(side.port('tcp'), '127.0.0.1');
  let got = '';
  stream.on('data', (chunk) => {
    got += chunk.toString('latin1');
  });
  stream.on('error', () => undefined);
  stream.write(check.text);
  const alive = await eventually(() => got.includes('SIP/2.0 200'));
  stream.destroy();
  return alive;
}

describe.skipIf(!present)('the torture messages of RFC 4475 and RFC 5118 (skipped where they are not at hand)', () => {
  beforeAll(async () => {
    side = await Side.open();
    side.app.invite(serve);
    side.app.options((_, response) => response.send(200));
    side.app.message((_, response) => response.send(200));
    socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    socket.on('message', (bytes) => replies.push(bytes.toString('latin1')));
    await new Promise((resolve) => setTimeout(resolve, 100));
  });

  afterAll(async () => {
    socket.close();
    await side.close();
  });

  it.each(messages)('%s over UDP is answered as it should be, and so is an OPTIONS after it', async (name, bytes) => {
    const [status = 0] = await overUdp(bytes);
    expect(expected[name]).toContain(status);
  });

  it.each(messages)('%s over TCP, split at any byte, harms nothing', async (_, bytes) => {
    for (let at = 1; at < bytes.length; at += 1) await overTcp(bytes, at);
    expect(await aliveOverTcp()).toBe(true);
  });

  it('leave no dialog and no connection behind, and memory flat over many rounds', async () => {
    const round = async () => {
      for (const [, bytes] of messages) socket.send(bytes, side.port('udp'), '127.0.0.1');
      await new Promise((resolve) => setTimeout(resolve, 5));
    };
    for (let warm = 0; warm < 100; warm++) await round();
    const before = process.memoryUsage().heapUsed;
    for (let rounds = 0; rounds < 500; rounds++) await round();
    expect((process.memoryUsage().heapUsed - before) / 1e6).toBeLessThan(40);
    expect(await eventually(() => side.server.counts().connections === 0)).toBe(true);
    expect(side.server.counts().dialogs).toBe(0);
    expect(await aliveOverTcp()).toBe(true);
  });
});
