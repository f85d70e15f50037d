import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { archive, type TortureMessage, tortureMessages } from '../support/torture-messages.ts';
import { TortureStage } from '../support/torture-stage.ts';
import { until } from '../unit/sip-server/two-servers.ts';

/*
 * The messages of RFC 4475 and RFC 5118 where a copy lies beside, and the project's own, in rounds: each is answered as it
 * should be and is followed by an OPTIONS that must get its 200; then everything is gone, and so is the memory. Over TCP a round
 * of every message at every point at which it can be split comes first; a thousand of those would be thirty million
 * connections, so that the rounds after it take turns: each message in each round, and over all rounds at every point.
 *   TORTURE_ROUNDS=1000
 */
const rounds = Number(process.env['TORTURE_ROUNDS'] ?? 1_000);
const grownMbMax = 5;
const collections = 4;
/** Answers that nobody acknowledges stand for 32 s (timer H, RFC 3261 §17.2.1): no more of them than the server has room for. */
const transactionsMax = 40_000;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Every point at which a message can be split, or this round's share of them: at least one, and all over all rounds. */
function pointsOf({ bytes }: TortureMessage, round: number | 'all'): readonly number[] {
  const all = Array.from({ length: bytes.length - 1 }, (_, n) => n + 1);
  if (round === 'all') return all;
  if (all.length < rounds) return [1 + (round % all.length)];
  return all.filter((at) => at % rounds === round % rounds);
}

/** At which points each message was split: a byte for each, for what is counted here must not grow. */
const blankPoints = (): readonly Uint8Array[] => tortureMessages.map(({ bytes }) => new Uint8Array(bytes.length));
const countOf = (points: readonly Uint8Array[]): number =>
  points.reduce((sum, of) => sum + of.reduce((all, one) => all + one, 0), 0);

async function playOverTcp(stage: TortureStage, round: number | 'all', points: readonly Uint8Array[]): Promise<void> {
  for (const [n, message] of tortureMessages.entries()) {
    for (const at of pointsOf(message, round)) {
      await stage.overTcp(message, at);
      (points[n] as Uint8Array)[at] = 1;
    }
    await roomFor(stage);
  }
}

async function roomFor({ side: { server } }: TortureStage): Promise<void> {
  if (server.counts().transactions < transactionsMax) return;
  await until(() => server.counts().transactions < transactionsMax / 2, 60_000);
}

/** Live memory in MB once nothing is under way any more, told with what else is left. */
async function atRest({ side, played }: TortureStage, when: string): Promise<number> {
  await until(() => side.server.counts().transactions + side.server.counts().connections === 0, 120_000);
  // What hangs on a socket goes with the round after the one that found the socket.
  for (let n = 0; n < collections; n += 1) {
    collect();
    await new Promise((done) => setImmediate(done));
  }
  // The bytes of messages lie outside of the heap.
  const { heapUsed, external, rss } = process.memoryUsage();
  const live = (heapUsed + external) / 1e6;
  const { transactions, dialogs, connections } = side.server.counts();
  say(
    `  ${when}: ${played} messages and as many OPTIONS, ${live.toFixed(1)} MB live, ${(rss / 1e6).toFixed(0)} MB resident; ` +
      `${transactions} transactions, ${dialogs} dialogs, ${connections} connections`,
  );
  expect(side.server.counts()).toMatchObject({ transactions: 0, dialogs: 0, connections: 0 });
  return live;
}

/** All rounds, with a look at the memory after a tenth of them, in the middle and at the end. */
async function flatOver(stage: TortureStage, play: (round: number) => Promise<void>): Promise<void> {
  const looks = new Set([Math.ceil(rounds / 10), Math.ceil(rounds / 2), rounds]);
  const live: number[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    await play(round);
    if (looks.has(round)) live.push(await atRest(stage, `after round ${round}`));
  }
  expect((live.at(-1) ?? 0) - (live[0] ?? 0)).toBeLessThan(grownMbMax);
}

// What was counted would be memory, too.
const unobserved = { observer: { observe: () => undefined } };
if (archive.length === 0) say('no copy of the archives of RFC 4475 and RFC 5118 lies beside: the own messages alone');

test(`${rounds} rounds over UDP: each message is answered as it should be, an OPTIONS after it gets its 200, memory stays flat`, async () => {
  const stage = await TortureStage.open(unobserved);
  await flatOver(stage, async () => {
    for (const message of tortureMessages) await stage.overUdp(message);
    await roomFor(stage);
  });
  await stage.close();
}, 3_600_000);

test(`the same over TCP, split at every point in one round and then in ${rounds} that take turns`, async () => {
  const stage = await TortureStage.open(unobserved);
  const split = blankPoints();
  const from = performance.now();
  await playOverTcp(stage, 'all', split);
  say(`  one round at all ${countOf(split)} points took ${((performance.now() - from) / 1000).toFixed(0)} s`);
  await atRest(stage, 'after it');
  const again = blankPoints();
  await flatOver(stage, (round) => playOverTcp(stage, round, again));
  expect(countOf(again)).toBe(countOf(split));
  await stage.close();
}, 3_600_000);
