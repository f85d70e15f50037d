import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endChild, endWithTests, untilReady } from './child-processes.ts';
import { freeSipPort } from './free-ports.ts';

const recipe = join(import.meta.dirname, '..', '..', 'recipes', 'trunks', 'kamailio', 'kamailio.cfg');
const startLimitMs = 20_000;

/** Debian's package puts both there; `test/install-tools.mjs` installs it. */
export const hasKamailio = (): boolean =>
  spawnSync('/usr/sbin/kamailio', ['-v'], { stdio: 'ignore' }).status === 0 &&
  spawnSync('/usr/sbin/kamcmd', ['-v'], { stdio: 'ignore' }).error === undefined;

/** The recipe's Kamailio, on ports of its own. */
export class Kamailio {
  /** Where customers' calls come in and go out, and where agents' do. */
  readonly outside: number;
  readonly inside: number;
  readonly #folder: string;
  #process: ChildProcess | undefined;

  private constructor(outside: number, inside: number) {
    this.outside = outside;
    this.inside = inside;
    this.#folder = mkdtempSync(join(tmpdir(), 'tonelock-kamailio-'));
  }

  static async reserve(): Promise<Kamailio> {
    return new Kamailio(await freeSipPort(), await freeSipPort());
  }

  /** @param sets ports by the sets of the recipe's dispatcher.list: gateways, carrier, PBX. */
  async run(sets: readonly (readonly number[])[]): Promise<void> {
    const lines = sets.flatMap((ports, at) =>
      ports.map((port) => `${at + 1} sip:127.0.0.1:${port} ${at === 0 ? 8 : 0}\n`),
    );
    writeFileSync(join(this.#folder, 'dispatcher.list'), lines.join(''));
    const words = {
      OUTSIDE: `udp:127.0.0.1:${this.outside}`,
      OUTSIDE_PORT: String(this.outside),
      INSIDE: `udp:127.0.0.1:${this.inside}`,
      LIST: `"${join(this.#folder, 'dispatcher.list')}"`,
      CONTROL: `"${this.#control}"`,
      PING_SECONDS: '1',
    };
    const given = Object.entries(words).flatMap(([name, value]) => ['-A', `${name}=${value}`]);
    const child = spawn('/usr/sbin/kamailio', ['-f', recipe, '-DD', '-E', '-Y', this.#folder, '-m', '32', ...given], {
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true,
    });
    endWithTests(child);
    this.#process = child;
    let said = '';
    child.stderr?.on('data', (bytes) => (said += String(bytes)));
    await untilReady(child, {
      ...{ name: 'Kamailio', limitMs: startLimitMs, everyMs: 100, said: () => said },
      ready: () => this.#ask('core.uptime') !== undefined,
    });
  }

  /** What it thinks of a destination: `AP` is alive, `IP` is not; both are asked again and again. */
  flagsOf(port: number): string | undefined {
    const list = this.#ask('dispatcher.list') ?? '';
    return new RegExp(`URI: sip:127\\.0\\.0\\.1:${port}\\s+FLAGS: (\\w+)`).exec(list)?.[1];
  }

  /** One of its counters, such as `rcv_requests_bye`. */
  counted(name: string): number {
    return Number(new RegExp(`${name} = (\\d+)`).exec(this.#ask('stats.get_statistics', name) ?? '')?.[1]);
  }

  async stop(): Promise<void> {
    await endChild(this.#process, 'SIGTERM');
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #control(): string {
    return `unix:${join(this.#folder, 'control')}`;
  }

  #ask(...words: string[]): string | undefined {
    const { status, stdout } = spawnSync('/usr/sbin/kamcmd', ['-s', this.#control, ...words], { encoding: 'utf8' });
    return status === 0 ? stdout : undefined;
  }
}
