import { expect, test } from 'vitest';
import { defaultMessageLimits } from '../../src/sip-server/message/message-limits.ts';
import { parseDatagram } from '../../src/sip-server/message/message-parser.ts';
import { printMessage } from '../../src/sip-server/message/message-printer.ts';
import { StreamFramer } from '../../src/sip-server/transport/stream-framer.ts';
import { SipPeer } from '../support/sip-peer.ts';
import { sipRequest } from '../support/sip-text.ts';
import { Side, until } from '../unit/sip-server/two-servers.ts';
import { chance, spoilt } from './sip-corpus.ts';

/*
 * Spoilt messages against the parser, the framer and a whole server. SIP_FUZZ_COUNT says how many, SIP_FUZZ_SEED which: a
 * fault is found again by the seed that is printed with it.
 */
const count = Number(process.env['SIP_FUZZ_COUNT'] ?? 1_000_000);
const seed = Number(process.env['SIP_FUZZ_SEED'] ?? Date.now() % 2 ** 32);
const slowestMs = 5;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** The shortest of three: what the collector or another process took is not the parser's. */
function lastingMs(bytes: Buffer): number {
  const times = [1, 2, 3].map(() => {
    const from = performance.now();
    parseDatagram(bytes, defaultMessageLimits);
    return performance.now() - from;
  });
  return Math.min(...times);
}

test(`${count} spoilt messages: none throws, none takes over ${slowestMs} ms, what is printed is read again as the same`, () => {
  const below = chance(seed);
  const seen = { read: 0, refused: 0, slowestMs: 0 };
  for (let n = 0; n < count; n += 1) {
    const bytes = spoilt(below);
    const from = performance.now();
    const result = parseDatagram(bytes, defaultMessageLimits);
    const took = performance.now() - from;
    if (took > slowestMs) expect(lastingMs(bytes), `seed ${seed}, message ${n}`).toBeLessThan(slowestMs);
    else seen.slowestMs = Math.max(seen.slowestMs, took);
    if (result.kind === 'message') {
      seen.read += 1;
      const printed = printMessage(result.message);
      const again = parseDatagram(printed, defaultMessageLimits);
      const same = again.kind === 'message' && printMessage(again.message).equals(printed);
      if (!same) expect.fail(`printing changed the message: seed ${seed}, message ${n}`);
    } else seen.refused += 1;
    if (n % 10 === 0) inPieces(bytes, below);
  }
  say(`seed ${seed}: ${seen.read} read, ${seen.refused} refused, the slowest ${seen.slowestMs.toFixed(2)} ms`);
}, 3_600_000);

function inPieces(bytes: Buffer, below: (limit: number) => number): void {
  const framer = new StreamFramer(defaultMessageLimits);
  for (let at = 0; at < bytes.length; ) {
    const length = 1 + below(200);
    framer.push(bytes.subarray(at, at + length));
    at += length;
  }
}

test(`${count / 20} spoilt messages to a server with an application: it answers afterwards, and nothing is left`, async () => {
  const side = await Side.open({ limits: { requestsPerSource: 1_000_000 } });
  side.app.options((_, response) => response.send(200));
  side.app.invite((_, response) => response.send(486));
  side.app.message((_, response) => response.send(200));
  await until(() => side.server.counts().clients === 1);
  const peer = await SipPeer.open();
  peer.onMessage = () => undefined;
  const gateway = { address: '127.0.0.1', port: side.port('udp') };
  const below = chance(seed + 1);
  for (let n = 0; n < count / 20; n += 1) {
    peer.send(spoilt(below), gateway);
    if (n % 50 === 0) await new Promise((done) => setImmediate(done));
    if (n % 1_000 === 0) await new Promise((done) => setTimeout(done, 20));
    peer.log.length = 0;
  }
  const parts = { from: '<sip:a@b>;tag=1', to: '<sip:c@d>', callId: 'after', cseq: 1 };
  const answer = peer.awaitResponse('OPTIONS', 200, 200, 30_000);
  const ask = (): void =>
    peer.send(
      sipRequest('OPTIONS', 'sip:c@127.0.0.1', { via: peer.hostPort, branch: 'z9hG4bK-after', ...parts }),
      gateway,
    );
  ask();
  await answer;
  await until(() => side.server.counts().transactions === 0, 120_000);
  expect(side.server.counts()).toMatchObject({ transactions: 0, dialogs: 0, connections: 0 });
  const kinds = new Map<string, number>();
  for (const { kind } of side.events) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  say([...kinds].map(([kind, times]) => `${kind} ${times}`).join(', '));
  await peer.close();
  await side.close();
}, 3_600_000);
