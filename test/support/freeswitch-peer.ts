import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askEventSocket, type EventSocketAddress } from '../../src/shared/event-socket.ts';
import { askFitness } from '../../src/shared/freeswitch-fitness.ts';
import { endChild, endWithTests, untilReady } from './child-processes.ts';
import { freeMediaRange, freeSipPort, freeTcpPort } from './free-ports.ts';
import { FreeswitchStandIn } from './freeswitch-stand-in.ts';

/** The configuration that operators are given. */
const shipped = join(import.meta.dirname, '..', '..', 'docker', 'freeswitch', 'freeswitch.xml');
export const freeswitchProfile = 'drachtio_mrf';
const secret = 'a-secret-of-these-tests';
const startLimitMs = 40_000;
const answerMs = 2000;

/** A FreeSWITCH in the hands of a test: a real one, or what stands in for it. */
export interface FreeswitchPeer extends EventSocketAddress {
  channels(): Promise<number>;
  /** 3 is ERR, 7 is DEBUG. */
  logAt(level: number): Promise<void>;
  /** Everything that it has written into a log or any other file; nothing of the stand-in, which writes none. */
  written(): readonly (readonly [where: string, content: Buffer])[];
  kill(): Promise<void>;
  /** The same again, on the same ports. */
  restart(): Promise<void>;
}

export async function freeswitchFromStandIn(): Promise<FreeswitchPeer> {
  let one = await FreeswitchStandIn.start();
  const { host, port, secret, ports } = one;
  return {
    ...{ host, port, secret },
    channels: async () => one.channels,
    async logAt(level) {
      one.logLevel = level;
    },
    written: () => [],
    kill: async () => one.kill(),
    async restart() {
      one = await FreeswitchStandIn.start({ ports });
    },
  };
}

/**
 * The real FreeSWITCH that an operator of the tests names by TONELOCK_TEST_FREESWITCH: the path of its program, of which every
 * gateway and every engine gets one of its own, with the configuration of docker/freeswitch; or host:port:secret of one that
 * runs, which all share, and which can be neither killed nor started again.
 */
const named = process.env['TONELOCK_TEST_FREESWITCH'] ?? '';

export const freeswitchIsNamed = named !== '';
/** Whether the real one can be started and killed at will. */
export const freeswitchIsProgram = named.startsWith('/');

export async function startRealFreeswitch(): Promise<FreeswitchPeer> {
  if (freeswitchIsProgram) return ownFreeswitch(named);
  const [host = '', port = '', ...words] = named.split(':');
  const address = { host, port: Number(port), secret: words.join(':') };
  return {
    ...address,
    ...questions(address),
    written: () => [],
    kill: () => Promise.resolve(),
    restart: () => Promise.resolve(),
  };
}

const questions = (address: EventSocketAddress): Pick<FreeswitchPeer, 'channels' | 'logAt'> => ({
  async channels() {
    const said = await askEventSocket(address, ['show channels count'], answerMs);
    return 'answers' in said ? Number(/^(\d+) total/m.exec(said.answers[0] ?? '')?.[1] ?? Number.NaN) : 0;
  },
  async logAt(level) {
    await askEventSocket(address, [`fsctl loglevel ${level}`], answerMs);
  },
});

async function ownFreeswitch(program: string): Promise<FreeswitchPeer> {
  const folder = mkdtempSync(join(tmpdir(), 'tonelock-freeswitch-'));
  for (const name of ['conf', 'log', 'db', 'run']) mkdirSync(join(folder, name));
  const [port, sipPort, range] = await Promise.all([freeTcpPort(), freeSipPort(), freeMediaRange(400)]);
  writeFileSync(join(folder, 'conf', 'freeswitch.xml'), configuration(port, sipPort, range));
  const address = { host: '127.0.0.1', port, secret };
  const said: Buffer[] = [];
  let child = await launch(program, folder, address, said);
  const kill = (): Promise<void> => endChild(child, 'SIGKILL');
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return {
    ...address,
    ...questions(address),
    written: () => [['console', Buffer.concat(said)], ...filesOf(folder)],
    kill,
    async restart() {
      child = await launch(program, folder, address, said);
    },
  };
}

/** What is shipped, on ports of the test's own. */
const configuration = (port: number, sipPort: number, [from, to]: readonly [number, number]): string =>
  readFileSync(shipped, 'utf8')
    .replace('"listen-port" value="8021"', `"listen-port" value="${port}"`)
    .replace('"sip-port" value="5080"', `"sip-port" value="${sipPort}"`)
    .replace('"rtp-start-port" value="20000"', `"rtp-start-port" value="${from}"`)
    .replace('"rtp-end-port" value="29999"', `"rtp-end-port" value="${to}"`);

async function launch(
  program: string,
  folder: string,
  address: EventSocketAddress,
  said: Buffer[],
): Promise<ChildProcess> {
  const places = ['conf', 'log', 'db', 'run'].flatMap((name) => [`-${name}`, join(folder, name)]);
  const child = spawn(program, ['-nonat', '-nf', '-nc', ...places], {
    env: { ...process.env, FREESWITCH_SECRET: address.secret },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  endWithTests(child);
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (bytes: Buffer) => said.push(bytes));
  await untilReady(child, {
    ...{ name: 'FreeSWITCH', limitMs: startLimitMs, everyMs: 100, said: () => Buffer.concat(said).toString() },
    ready: async () => (await askFitness(address, freeswitchProfile, answerMs)).length === 0,
  });
  return child;
}

function filesOf(folder: string): [string, Buffer][] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return entries.map(({ parentPath, name }) => [join(parentPath, name), readFileSync(join(parentPath, name))]);
}
