import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endWithTests } from './child-processes.ts';

const scenarios = join(import.meta.dirname, '..', '..', 'sip-scenarios');

/** Whether a command of the system can be run; tests that need one that is missing are skipped. */
export const hasCommand = (command: string): boolean =>
  spawnSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' }).status === 0;

/** Raw sockets, which SIPp needs to play a pcap and tshark to listen, are root's here. */
export const isRoot = process.getuid?.() === 0;

export interface SippOptions {
  readonly port: number;
  readonly mediaPort: number;
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

  constructor(scenario: string, options: SippOptions) {
    const folder = mkdtempSync(join(tmpdir(), 'tonelock-sipp-'));
    const words = [
      ...['-sf', join(scenarios, `${scenario}.xml`), '-i', '127.0.0.1', '-p', String(options.port)],
      ...['-mi', '127.0.0.1', '-mp', String(options.mediaPort), '-m', String(options.calls ?? 1), '-nostdin'],
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

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}
