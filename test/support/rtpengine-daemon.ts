import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { NgClient } from '../../src/cde/media/rtpengine/ng-client.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { endChild, endWithTests } from './child-processes.ts';
import { freeMediaRange, freeSipPort } from './free-ports.ts';

/** Debian's package puts the daemon there; `test/install-tools.mjs` installs it. */
const program = '/usr/bin/rtpengine';

export function hasRtpengine(): boolean {
  try {
    accessSync(program, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export interface RtpengineDaemon {
  readonly control: { readonly host: string; readonly port: number };
  readonly child: ChildProcess;
  /** The same daemon again after its death, on the same ports. */
  restart(): Promise<RtpengineDaemon>;
  stop(): Promise<void>;
}

const startAttempts = 8;

async function answering(client: NgClient): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await client.ask('ping').catch(() => undefined);
    if (answer !== undefined) return;
    if (attempt === startAttempts) throw new Error('rtpengine does not start');
  }
}

/** A real rtpengine that forwards in user space (`--table=-1`): it needs neither its kernel module nor root. */
export async function startRtpengineDaemon(port?: number, range?: readonly [number, number]): Promise<RtpengineDaemon> {
  const control = { host: '127.0.0.1', port: port ?? (await freeSipPort()) };
  const [from, to] = range ?? (await freeMediaRange(400));
  const settings = ['--config-file=none', '--foreground', '--table=-1', '--num-threads=2', '--poller-per-thread'];
  const places = ['--interface=127.0.0.1', `--listen-ng=${control.host}:${control.port}`];
  const limits = [`--port-min=${from}`, `--port-max=${to}`, '--timeout=3600', '--log-level=3', '--log-stderr'];
  const child = spawn(program, [...settings, ...places, ...limits], { stdio: 'ignore' });
  endWithTests(child);
  const client = new NgClient(control, systemClock);
  try {
    await answering(client);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  } finally {
    client.close();
  }
  const stop = (): Promise<void> => endChild(child, 'SIGCONT', 'SIGKILL');
  return { control, child, stop, restart: () => startRtpengineDaemon(control.port, [from, to]) };
}
