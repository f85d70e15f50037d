import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endChild, endWithTests, untilReady } from './child-processes.ts';

const recipe = join(import.meta.dirname, '..', '..', 'recipes', 'trunks', 'asterisk');
// Debian 12 has no package of it, so it may be named.
const program = process.env['TONELOCK_TEST_ASTERISK'] ?? 'asterisk';
const startLimitMs = 30_000;

export const hasAsterisk = (): boolean => spawnSync(program, ['-V'], { stdio: 'ignore' }).status === 0;

/** The recipe's Asterisk, with its addresses moved, and with agents whose telephones are known and need not register. */
export class Asterisk {
  readonly #folder = mkdtempSync(join(tmpdir(), 'tonelock-asterisk-'));
  #process: ChildProcess | undefined;
  #said = '';

  /** @param agents where each agent's telephone is, `address:port`. */
  async run(moved: (text: string) => string, agents: ReadonlyMap<string, string>): Promise<void> {
    const etc = join(this.#folder, 'etc');
    cpSync(recipe, etc, { recursive: true });
    for (const name of readdirSync(etc)) {
      const file = join(etc, name);
      writeFileSync(file, moved(readFileSync(file, 'utf8')));
    }
    const endpoints = [...agents].map(
      ([agent, at]) =>
        `[${agent}](agent)\naors=${agent}\n[${agent}]\ntype=aor\ncontact=sip:${agent}@${at}\n` +
        `[${agent}]\ntype=identify\nendpoint=${agent}\nmatch=${at}\n`,
    );
    writeFileSync(join(etc, 'pjsip_agents.conf'), endpoints.join(''));
    writeFileSync(join(etc, 'asterisk.conf'), this.#directories());
    writeFileSync(join(etc, 'modules.conf'), '[modules]\nautoload=yes\n');
    const child = spawn(program, ['-f', '-C', join(etc, 'asterisk.conf')], {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    endWithTests(child);
    this.#process = child;
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (bytes) => (this.#said += String(bytes)));
    await untilReady(child, {
      ...{ name: 'Asterisk', limitMs: startLimitMs, everyMs: 200, said: () => this.#said },
      ready: () => this.ask('core waitfullybooted').includes('fully booted'),
    });
  }

  /** A command of its console. */
  ask(command: string): string {
    const words = ['-C', join(this.#folder, 'etc', 'asterisk.conf'), '-rx', command];
    return spawnSync(program, words, { encoding: 'utf8', timeout: startLimitMs }).stdout;
  }

  async stop(): Promise<void> {
    await endChild(this.#process, 'SIGTERM');
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #directories(): string {
    const lines = [`astetcdir => ${join(this.#folder, 'etc')}`];
    for (const name of ['varlib', 'db', 'spool', 'run', 'log', 'cache']) {
      mkdirSync(join(this.#folder, name));
      lines.push(`ast${name}dir => ${join(this.#folder, name)}`);
    }
    return `[directories]\n${lines.join('\n')}\n[options]\nverbose=0\n`;
  }
}
