import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { descendants, endChild, endWithTests } from '../support/child-processes.ts';
import { type DrachtioPeer, startReal } from '../support/drachtio-peer.ts';

const program = join(import.meta.dirname, 'minimal-application.mjs');

/** drachtio-server itself with the least application on drachtio-srf that connects two parties: what our work is compared with. */
export class MinimalBackToBack {
  readonly target: string;
  readonly processes: readonly { readonly name: string; readonly pid: number }[];
  readonly #server: DrachtioPeer;
  readonly #application: ChildProcess;

  private constructor(server: DrachtioPeer, application: ChildProcess) {
    this.#server = server;
    this.#application = application;
    this.target = `${server.sip.address}:${server.sip.port}`;
    const found = descendants(process.pid).find(({ command }) => command.includes(`--port ${server.port} `));
    if (found === undefined) throw new Error('drachtio-server is not to be found');
    this.processes = [
      { name: 'drachtio-server', pid: found.pid },
      { name: 'application', pid: application.pid ?? 0 },
    ];
  }

  /** With the drachtio-server whose program TONELOCK_TEST_DRACHTIO names. */
  static async start(agentPort: number): Promise<MinimalBackToBack> {
    const server = await startReal();
    const application = spawn(process.execPath, [program], {
      env: {
        ...process.env,
        DRACHTIO_PORT: String(server.port),
        DRACHTIO_SECRET: server.secret,
        TARGET: `sip:1001@127.0.0.1:${agentPort}`,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    });
    endWithTests(application);
    const ready = once(application.stdout as NonNullable<typeof application.stdout>, 'data');
    const ended = once(application, 'exit').then(() => Promise.reject(new Error('the application ended')));
    await Promise.race([ready, ended]);
    return new MinimalBackToBack(server, application);
  }

  async stop(): Promise<void> {
    await endChild(this.#application, 'SIGKILL');
    await this.#server.kill();
  }
}
