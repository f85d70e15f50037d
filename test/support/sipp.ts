import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endWithTests } from './child-processes.ts';
import { sippMediaPort } from './free-ports.ts';

const scenarios = join(import.meta.dirname, '..', '..', 'sip-scenarios');
const listenLimitMs = 20_000;

/** Whether a command of the system can be run; tests that need one that is missing are skipped. */
export const hasCommand = (command: string): boolean =>
  spawnSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' }).status === 0;

/** Raw sockets, which SIPp needs to play a pcap and tshark to listen, are root's here. */
export const isRoot = process.getuid?.() === 0;

const hex = (...bytes: number[]): string =>
  bytes.map((byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join('');

export interface SippOptions {
  readonly port: number;
  /** 127.0.0.1 where it is not said. */
  readonly address?: string;
  /** One that no other has where it is not said. */
  readonly mediaPort?: number;
  /** Where the scenario is, and beside it what it plays; the repository's where it is not said. */
  readonly scenarios?: string;
  /** Where it calls; none for a scenario that waits for calls. */
  readonly target?: string;
  readonly user?: string;
  readonly calls?: number;
  readonly echo?: boolean;
  /** The `-d` of SIPp: what its pauses without a length mean. */
  readonly pauseMs?: number;
  readonly more?: readonly string[];
  readonly timeoutMs?: number;
}

export interface SippResult {
  /** 0 when every call went as the scenario says. */
  readonly status: number | string;
  /** What was unexpected, in SIPp's words. */
  readonly errors: string;
}

/** One run of a scenario from sip-scenarios. */
export class Sipp {
  readonly finished: Promise<SippResult>;
  readonly #child: ChildProcess;
  /** Of its SIP socket, as proc_pid_net(5) prints it. */
  readonly #socket: string;

  constructor(scenario: string, options: SippOptions) {
    const { address = '127.0.0.1', mediaPort = sippMediaPort() } = options;
    this.#socket = ` ${hex(...address.split('.').map(Number).reverse())}:${hex(options.port >> 8, options.port & 255)} `;
    const folder = mkdtempSync(join(tmpdir(), 'tonelock-sipp-'));
    const words = [
      ...['-sf', join(options.scenarios ?? scenarios, `${scenario}.xml`), '-i', address, '-p', String(options.port)],
      ...['-mi', address, '-mp', String(mediaPort), '-m', String(options.calls ?? 1), '-nostdin'],
      ...['-d', String(options.pauseMs ?? 1000), '-s', options.user ?? '1001', '-trace_err', '-error_file', 'errors'],
      ...(options.echo === true ? ['-rtp_echo'] : []),
      ...(options.more ?? []),
      ...(options.target === undefined ? [] : [options.target]),
    ];
    // A session of its own, as on a machine of its own: Linux shares out the processor by sessions.
    this.#child = spawn('sipp', words, { cwd: folder, stdio: 'ignore', detached: true });
    endWithTests(this.#child);
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), options.timeoutMs ?? 60_000);
    this.finished = new Promise((done) => {
      this.#child.once('error', (error) => done({ status: 'not started', errors: error.message }));
      this.#child.once('close', (code, signal) => {
        clearTimeout(timer);
        const written = join(folder, 'errors');
        const complaints = existsSync(written) ? readFileSync(written, 'utf8') : '';
        rmSync(folder, { recursive: true, force: true });
        done({ status: code ?? signal ?? 'unknown', errors: complaints.slice(-4000) });
      });
    });
  }

  /** Resolves once it can be called: it says no word itself, so the system is asked. */
  async listening(): Promise<void> {
    const limit = performance.now() + listenLimitMs;
    while (!readFileSync('/proc/net/udp', 'utf8').includes(this.#socket)) {
      if (performance.now() > limit) throw new Error('SIPp does not listen');
      await new Promise((done) => setTimeout(done, 20));
    }
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}
