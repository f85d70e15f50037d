import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endChild, endWithTests } from './child-processes.ts';
import { freeTcpPort } from './free-ports.ts';

const startLimitMs = 30_000;

export const hasRedis = (): boolean => spawnSync('redis-server', ['--version']).status === 0;

/** Debian's Redis on loopback, in a folder of its own, which goes with the tests. It keeps nothing over a restart. */
export class RedisServer {
  readonly port: number;
  readonly #folder: string;
  readonly #flags: readonly string[];
  #process: ChildProcess | undefined;

  private constructor(folder: string, port: number, flags: readonly string[]) {
    this.#folder = folder;
    this.port = port;
    this.#flags = flags;
  }

  /** @param flags as the server's command line has them. */
  static async start(...flags: string[]): Promise<RedisServer> {
    const server = new RedisServer(mkdtempSync(join(tmpdir(), 'tonelock-redis-')), await freeTcpPort(), flags);
    await server.run();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts it, also again after it was killed, and waits until it takes connections. */
  async run(): Promise<void> {
    const flags = [
      '--port',
      String(this.port),
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--appendonly',
      'no',
      ...this.#flags,
    ];
    const child = spawn('redis-server', [...flags, '--dir', this.#folder], { stdio: ['ignore', 'pipe', 'ignore'] });
    endWithTests(child);
    this.#process = child;
    let said = '';
    await new Promise<void>((ready, failed) => {
      const limit = setTimeout(() => failed(new Error(`redis-server did not start: ${said}`)), startLimitMs);
      child.stdout?.on('data', (bytes) => {
        said += String(bytes);
        if (!said.includes('Ready to accept connections')) return;
        clearTimeout(limit);
        ready();
      });
      child.once('close', () => failed(new Error(`redis-server ended: ${said}`)));
    });
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#process?.kill(signal);
  }

  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    await endChild(child, 'SIGKILL');
  }

  /** Everything that it is told from now on, as text; ends with the server. */
  async monitor(): Promise<{ text(): string }> {
    const child = spawn('redis-cli', ['-p', String(this.port), 'monitor'], { stdio: ['ignore', 'pipe', 'ignore'] });
    endWithTests(child);
    let said = '';
    child.stdout.on('data', (bytes) => (said += String(bytes)));
    await once(child.stdout, 'data');
    return { text: () => said };
  }

  /** One command by the command line's client. @returns what it prints. */
  cli(...words: string[]): string {
    return spawnSync('redis-cli', ['-p', String(this.port), ...words], { encoding: 'utf8' }).stdout.trim();
  }

  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
