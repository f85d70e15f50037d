import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endChild, endWithTests, untilReady } from './child-processes.ts';
import { freeSipPort, freeTcpPort } from './free-ports.ts';
import type { SipAddress } from './sip-peer.ts';

const program = join(import.meta.dirname, '..', '..', 'dist', 'main.js');
const secret = 'a secret of these tests';
const startLimitMs = 20_000;

/** A SIP server in a process of its own that speaks drachtio-server's protocol to the gateway. */
export interface DrachtioPeer {
  readonly sip: SipAddress;
  readonly host: string;
  readonly port: number;
  readonly secret: string;
  kill(): Promise<void>;
  /** The same again, on the same ports. */
  restart(): Promise<void>;
}

export interface PeerOptions {
  /** The HTTP server that says what is to become of new requests (outbound mode). */
  readonly handler?: string;
  /** A file with who may have signed the certificates of applications that the server connects to. */
  readonly ca?: string;
}

type Launch = (sipPort: number, port: number, options: PeerOptions) => Promise<ChildProcess>;

/** The embedded server by itself stands in for drachtio-server. */
export const startStandIn = (options: PeerOptions = {}): Promise<DrachtioPeer> => startPeer(launchStandIn, options);

async function startPeer(launch: Launch, options: PeerOptions): Promise<DrachtioPeer> {
  const [sipPort, port] = await Promise.all([freeSipPort(), freeTcpPort()]);
  let child = await launch(sipPort, port, options);
  return {
    sip: { address: '127.0.0.1', port: sipPort },
    host: '127.0.0.1',
    port,
    secret,
    kill: () => endChild(child, 'SIGKILL'),
    async restart() {
      child = await launch(sipPort, port, options);
    },
  };
}

async function launchStandIn(sipPort: number, port: number, { handler, ca }: PeerOptions): Promise<ChildProcess> {
  const listen = [`udp/127.0.0.1:${sipPort}`, `tcp/127.0.0.1:${sipPort}`];
  const words = [
    ...['sip-server', '--port', String(port), '--listen', ...listen],
    ...(handler === undefined ? [] : ['--rule', `*=${handler}`]),
    ...(ca === undefined ? [] : ['--ca', ca]),
  ];
  const child = spawn(process.execPath, [program, ...words], {
    env: { ...process.env, TONELOCK_DRACHTIO_SECRET: secret },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  endWithTests(child);
  const said = once(child.stdout as NonNullable<typeof child.stdout>, 'data');
  await Promise.race([said, once(child, 'exit').then(() => Promise.reject(new Error('the SIP server ended')))]);
  return child;
}

/** It wants a file (0.9.10), also with `--noconfig`; this says what docker/compose.engines.yaml says by words. */
const emptyConfiguration = '<drachtio><admin>127.0.0.1</admin><sip></sip><logging><console/></logging></drachtio>';

/** drachtio-server itself, as docker/compose.engines.yaml starts it. */
const launchReal =
  (path: string): Launch =>
  async (sipPort, port, { handler }) => {
    const folder = mkdtempSync(join(tmpdir(), 'tonelock-drachtio-'));
    writeFileSync(join(folder, 'drachtio.xml'), emptyConfiguration);
    const words = [
      ...[
        '--file',
        join(folder, 'drachtio.xml'),
        '--contact',
        `sip:127.0.0.1:${sipPort};transport=udp,tcp`,
        '--stdout',
      ],
      ...['--address', '127.0.0.1', '--port', String(port), '--secret', secret, '--loglevel', 'notice'],
      ...(handler === undefined ? [] : ['--http-handler', handler]),
    ];
    const child = spawn(path, words, { stdio: 'ignore' });
    endWithTests(child);
    child.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    const ready = () => isOpen(port);
    await untilReady(child, { name: 'drachtio-server', limitMs: startLimitMs, everyMs: 50, ready });
    return child;
  };

function isOpen(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect({ host: '127.0.0.1', port });
    const settle = (open: boolean): void => {
      socket.destroy();
      done(open);
    };
    socket.once('connect', () => settle(true)).once('error', () => settle(false));
  });
}

/**
 * The real drachtio-server that an operator of the tests names by TONELOCK_TEST_DRACHTIO: the path of its program, of which
 * every gateway gets one of its own; or host:port:secret of one that runs, which all share. Its SIP is then at port 5060 of
 * the same host, or where TONELOCK_TEST_DRACHTIO_SIP=host:port says, and it can be neither killed nor started again.
 */
const named = process.env['TONELOCK_TEST_DRACHTIO'] ?? '';

export const realServerIsNamed = named !== '';
/** Whether the real one can be started and killed at will. */
export const realServerIsProgram = named.startsWith('/');

export function startReal(options: PeerOptions = {}): Promise<DrachtioPeer> {
  if (realServerIsProgram) return startPeer(launchReal(named), options);
  const [host = '', port = '', ...words] = named.split(':');
  const [address = host, sipPort = '5060'] = (process.env['TONELOCK_TEST_DRACHTIO_SIP'] ?? `${host}:5060`).split(':');
  return Promise.resolve({
    sip: { address, port: Number(sipPort) },
    host,
    port: Number(port),
    secret: words.join(':'),
    kill: () => Promise.resolve(),
    restart: () => Promise.resolve(),
  });
}
