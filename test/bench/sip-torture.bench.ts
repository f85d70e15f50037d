import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { afresh, plainOptions, tortureMessages } from '../support/sip-torture.ts';
import { Side, until } from '../unit/sip-server/two-servers.ts';

/*
 * The messages of RFC 4475 and RFC 5118 in rounds, each message in a transaction of its own and followed by an OPTIONS that
 * must get its 200; then everything is gone, and so is the memory. TORTURE_ROUNDS says how many rounds.
 */
const rounds = Number(process.env['TORTURE_ROUNDS'] ?? 1_000);
/** Rounds before the heap is measured for the first time: code that was compiled and tables that have grown stay. */
const warmRounds = Math.max(1, Math.floor(rounds / 10));
const grownMbMax = 5;
/** Answers that nobody acknowledges stand for 32 s (timer H, RFC 3261 §17.2.1): no more of them than the server has room for. */
const transactionsMax = 40_000;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Sends messages and asks after each whether the server is alive. */
interface Way {
  send(message: Buffer, options: string, id: string): Promise<void>;
  close(): void;
}

class UdpWay implements Way {
  readonly #socket = createSocket({ type: 'udp4', recvBufferSize: 4_000_000 });
  readonly #port: number;
  #wanted = { id: '', got: (): void => undefined };

  constructor(port: number) {
    this.#port = port;
    this.#socket.on('message', (bytes) => {
      const text = bytes.toString('latin1');
      if (text.startsWith('SIP/2.0 200') && text.includes(this.#wanted.id)) this.#wanted.got();
    });
  }

  async send(message: Buffer, options: string, id: string): Promise<void> {
    await answered((got) => {
      this.#wanted = { id, got };
      this.#socket.send(message, this.#port, '127.0.0.1');
      this.#socket.send(options, this.#port, '127.0.0.1');
    });
  }

  close(): void {
    this.#socket.close();
  }
}

/** A connection for each message, since many have to end theirs; the OPTIONS goes by another, which stands all the time. */
class TcpWay implements Way {
  readonly #port: number;
  readonly #steady: Socket;
  #wanted = { id: '', got: (): void => undefined };
  #text = '';

  constructor(port: number) {
    this.#port = port;
    this.#steady = connect(port, '127.0.0.1').setNoDelay(true);
    this.#steady.on('error', () => undefined);
    this.#steady.on('data', (bytes) => {
      this.#text += bytes.toString('latin1');
      if (this.#text.includes('SIP/2.0 200') && this.#text.includes(this.#wanted.id)) this.#wanted.got();
    });
  }

  async send(message: Buffer, options: string, id: string): Promise<void> {
    const own = connect(this.#port, '127.0.0.1');
    own.on('error', () => undefined);
    own.resume();
    await once(own, 'connect');
    await new Promise<void>((done) => own.write(message, () => done()));
    this.#text = '';
    await answered((got) => {
      this.#wanted = { id, got };
      this.#steady.write(options);
    });
    // Reset, not closed: so many closed ones would use up the ports of this machine.
    own.resetAndDestroy();
  }

  close(): void {
    this.#steady.destroy();
  }
}

async function answered(ask: (got: () => void) => void): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await new Promise<void>((got, fail) => {
    timer = setTimeout(() => fail(new Error('no 200 to the OPTIONS after it')), 10_000);
    ask(got);
  }).finally(() => clearTimeout(timer));
}

/** Live memory once nothing is under way any more, in MB. */
async function atRest(side: Side): Promise<number> {
  await until(() => side.server.counts().transactions === 0, 120_000);
  await new Promise((done) => setImmediate(done));
  collect();
  // The bytes of messages lie outside of the heap.
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1e6;
}

if (tortureMessages.length === 0) say('skipped: no copy of the torture messages lies beside the repository');

test.skipIf(tortureMessages.length === 0).each(['udp', 'tcp'] as const)(
  `${rounds} rounds over %s: an OPTIONS after every message gets its 200, nothing is left, and memory stays flat`,
  async (protocol) => {
    let retransmissions = 0;
    const side = await Side.open({
      observer: {
        observe: ({ kind }) => {
          if (kind === 'retransmission') retransmissions += 1;
        },
      },
      limits: { requestsPerSource: 1_000_000 },
    });
    side.app.invite((_, response) => response.send(486));
    side.app.options((_, response) => response.send(200));
    side.app.message((_, response) => response.send(200));
    await until(() => side.server.counts().clients === 1);
    const way = protocol === 'udp' ? new UdpWay(side.port('udp')) : new TcpWay(side.port('tcp'));
    const from = performance.now();
    let turn = 0;
    let warm = 0;
    for (let round = 1; round <= rounds; round += 1) {
      for (const { name, bytes } of tortureMessages) {
        turn += 1;
        const id = `alive-${turn}-`;
        await way
          .send(afresh(bytes, turn), plainOptions(protocol === 'udp' ? 'UDP' : 'TCP', id), id)
          .catch((error: unknown) => expect.fail(`${name}, round ${round}: ${String(error)}`));
      }
      if (side.server.counts().transactions > transactionsMax) {
        await until(() => side.server.counts().transactions < transactionsMax / 2, 60_000);
      }
      if (round === warmRounds) warm = await atRest(side);
      if (round % 100 === 0) {
        say(`  round ${round}: ${side.server.counts().transactions} transactions, ${residentMb()} MB resident`);
      }
    }
    const took = (performance.now() - from) / 1000;
    const end = await atRest(side);
    say(
      `${protocol}: ${turn} messages and as many OPTIONS in ${took.toFixed(0)} s, ${retransmissions} retransmissions; ` +
        `live at rest ${warm.toFixed(1)} MB after ${warmRounds} rounds, ${end.toFixed(1)} MB after ${rounds}, ${residentMb()} MB resident`,
    );
    way.close();
    await until(() => side.server.counts().connections === 0);
    expect(side.server.counts()).toMatchObject({ transactions: 0, dialogs: 0 });
    expect(end - warm).toBeLessThan(grownMbMax);
    await side.close();
  },
  3_600_000,
);

const residentMb = (): string => (process.memoryUsage().rss / 1e6).toFixed(0);
