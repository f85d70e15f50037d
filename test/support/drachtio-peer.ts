import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { endWithTests } from './child-processes.ts';
import { freeSipPort, freeTcpPort } from './free-ports.ts';
import type { SipAddress } from './sip-peer.ts';

const program = join(import.meta.dirname, '..', '..', 'dist', 'main.js');

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

/** The embedded server by itself stands in for drachtio-server. */
export async function startStandIn(): Promise<DrachtioPeer> {
  const [sipPort, port] = await Promise.all([freeSipPort(), freeTcpPort()]);
  const secret = 'a secret of these tests';
  let child = await launch(sipPort, port, secret);
  return {
    sip: { address: '127.0.0.1', port: sipPort },
    host: '127.0.0.1',
    port,
    secret,
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
    async restart() {
      child = await launch(sipPort, port, secret);
    },
  };
}

async function launch(sipPort: number, port: number, secret: string): Promise<ChildProcess> {
  const listen = [`udp/127.0.0.1:${sipPort}`, `tcp/127.0.0.1:${sipPort}`];
  const child = spawn(process.execPath, [program, 'sip-server', '--port', String(port), '--listen', ...listen], {
    env: { ...process.env, TONELOCK_DRACHTIO_SECRET: secret },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  endWithTests(child);
  const said = once(child.stdout as NonNullable<typeof child.stdout>, 'data');
  await Promise.race([said, once(child, 'exit').then(() => Promise.reject(new Error('the SIP server ended')))]);
  return child;
}

/**
 * A real drachtio-server that an operator of the tests names by TONELOCK_TEST_DRACHTIO=host:port:secret; its SIP is at port
 * 5060 of the same host, or where TONELOCK_TEST_DRACHTIO_SIP=host:port says.
 */
export function namedServer(): Omit<DrachtioPeer, 'kill' | 'restart'> | undefined {
  const [host, port, ...secret] = (process.env['TONELOCK_TEST_DRACHTIO'] ?? '').split(':');
  if (host === undefined || host === '' || port === undefined) return undefined;
  const [address = host, sipPort = '5060'] = (process.env['TONELOCK_TEST_DRACHTIO_SIP'] ?? `${host}:5060`).split(':');
  return { host, port: Number(port), secret: secret.join(':'), sip: { address, port: Number(sipPort) } };
}
