import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endWithTests } from '../support/child-processes.ts';

const scenarios = join(import.meta.dirname, '..', '..', 'sip-scenarios');

export interface SippLoadOptions {
  readonly port: number;
  readonly mediaPort: number;
  readonly calls: number;
  /** `host:port`; none for the side that answers. */
  readonly target?: string;
  readonly perSecond?: number;
  /** How long a call of the caller's scenario stands. */
  readonly holdMs?: number;
}

/** What SIPp itself has counted; `failed` and `retransmissions` of a run that was clean are 0. */
export interface SippCounts {
  readonly succeeded: number;
  readonly failed: number;
  readonly retransmissions: number;
}

/** SIPp under load: no trace but its own statistics, as many calls at once as come about. */
export class SippLoad {
  readonly finished: Promise<SippCounts>;
  readonly #child: ChildProcess;

  constructor(scenario: string, options: SippLoadOptions) {
    const folder = mkdtempSync(join(tmpdir(), 'tonelock-load-'));
    const words = [
      ...['-sf', join(scenarios, `${scenario}.xml`), '-i', '127.0.0.1', '-p', String(options.port), '-nostdin'],
      ...['-mi', '127.0.0.1', '-mp', String(options.mediaPort), '-m', String(options.calls), '-l', '20000'],
      ...['-d', String(options.holdMs ?? 0), '-s', '1001', '-trace_stat', '-stf', 'statistics.csv', '-fd', '1'],
      ...['-r', String(options.perSecond ?? 1000), '-default_behaviors', 'all,-bye'],
      ...(options.target === undefined ? [] : [options.target]),
    ];
    this.#child = spawn('sipp', words, { cwd: folder, stdio: 'ignore' });
    endWithTests(this.#child);
    this.finished = new Promise((done, fail) => {
      this.#child.once('error', fail);
      this.#child.once('close', () => {
        const file = join(folder, 'statistics.csv');
        const counts = existsSync(file) ? readCounts(readFileSync(file, 'utf8')) : undefined;
        rmSync(folder, { recursive: true, force: true });
        if (counts === undefined) fail(new Error('SIPp has left no statistics'));
        else done(counts);
      });
    });
  }

  /** SIGUSR1 lets SIPp end when its calls have ended; what still stands then is its failure, not ours. */
  stop(): void {
    this.#child.kill('SIGUSR1');
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}

function readCounts(csv: string): SippCounts | undefined {
  const lines = csv.trim().split('\n');
  const names = lines[0]?.split(';') ?? [];
  const last = lines.at(-1)?.split(';') ?? [];
  if (lines.length < 2) return undefined;
  const of = (name: string): number => Number(last[names.indexOf(name)] ?? Number.NaN);
  return {
    succeeded: of('SuccessfulCall(C)'),
    failed: of('FailedCall(C)'),
    retransmissions: of('Retransmissions(C)'),
  };
}
