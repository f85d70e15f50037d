import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { descendants, endWithTests, isRunning, openSockets, residentBytes } from './child-processes.ts';
import { freeMediaRange, freeSipPort, freeTcpPort } from './free-ports.ts';
import { RealEngines } from './real-engines.ts';
import type { SipAddress } from './sip-peer.ts';

const program = join(import.meta.dirname, '..', '..', 'dist', 'main.js');
const readyLimitMs = 60_000;
const stopLimitMs = 30_000;

/** A part of a configuration file, of the shapes of src/config/config-schema.ts. */
export type Settings = { readonly [key: string]: unknown };

export interface GatewayOptions {
  /** Where the agents' telephones are: the default route leads there. */
  readonly agentPort: number;
  /** Where outbound calls of agents lead. */
  readonly customerPort?: number;
  /** Ports of telephones whose calls are an agent's. */
  readonly agentSources?: readonly number[];
  readonly settings?: Settings;
  readonly mediaPorts?: number;
  /** Trunks and routes that go before the others. */
  readonly trunks?: readonly Settings[];
  readonly routes?: readonly Settings[];
  readonly env?: NodeJS.ProcessEnv;
}

const isBranch = (value: unknown): value is Settings =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const merge = (base: Settings, more: Settings): Settings =>
  Object.fromEntries(
    [...new Set([...Object.keys(base), ...Object.keys(more)])].map((key) => {
      const [old, fresh] = [base[key], more[key]];
      return [key, isBranch(old) && isBranch(fresh) ? merge(old, fresh) : fresh === undefined ? old : fresh];
    }),
  );

/** The built gateway as a process of its own, with ports, a folder and a configuration file of its own. */
export class GatewayProcess {
  readonly sip: SipAddress;
  /** `http://127.0.0.1:port` */
  readonly http: string;
  readonly folder: string;
  readonly mediaPorts: readonly [number, number];
  /** Processes of its own that it had not ended when it ended itself; known after `stop`. */
  readonly leftBehind: string[] = [];
  stdout = '';
  stderr = '';
  readonly #child: ChildProcess;
  readonly #exit: Promise<number | string>;
  /** Where the tests run on real engines: its own ones. */
  readonly engines: RealEngines;

  private constructor(
    child: ChildProcess,
    folder: string,
    sip: SipAddress,
    httpPort: number,
    media: readonly [number, number],
    engines: RealEngines,
  ) {
    this.#child = child;
    this.folder = folder;
    this.sip = sip;
    this.engines = engines;
    this.http = `http://127.0.0.1:${httpPort}`;
    this.mediaPorts = media;
    child.stdout?.on('data', (bytes) => (this.stdout += String(bytes)));
    child.stderr?.on('data', (bytes) => (this.stderr += String(bytes)));
    this.#exit = new Promise((done) => child.once('close', (code, signal) => done(code ?? signal ?? 'unknown')));
  }

  /** Starts it and waits until it takes calls. */
  static async start(options: GatewayOptions): Promise<GatewayProcess> {
    if (!existsSync(program)) throw new Error('the gateway is not built: npm run build');
    const [sipPort, httpPort, media] = await Promise.all([
      freeSipPort(),
      freeTcpPort(),
      freeMediaRange(options.mediaPorts ?? 800),
    ]);
    const folder = mkdtempSync(join(tmpdir(), 'tonelock-test-'));
    const engines = await RealEngines.start(options.settings);
    const usual = merge(defaults(options, folder, sipPort, httpPort, media), engines.settings);
    const settings = merge(usual, options.settings ?? {});
    // JSON is YAML.
    writeFileSync(join(folder, 'tonelock.yaml'), JSON.stringify(settings, undefined, 2));
    const child = launch(folder, { ...engines.env, ...options.env });
    const sip = engines.server?.sip ?? { address: '127.0.0.1', port: sipPort };
    const gateway = new GatewayProcess(child, folder, sip, httpPort, media, engines);
    await gateway.#untilReady();
    return gateway;
  }

  /** Another one in the place of one that is dead: same folder, same ports, same configuration. */
  static async startAgain(dead: GatewayProcess, env: NodeJS.ProcessEnv = {}): Promise<GatewayProcess> {
    const { folder, sip, http, mediaPorts, engines } = dead;
    const httpPort = Number(new URL(http).port);
    const child = launch(folder, { ...engines.env, ...env });
    const gateway = new GatewayProcess(child, folder, sip, httpPort, mediaPorts, engines);
    await gateway.#untilReady();
    return gateway;
  }

  /** As {@link startAgain}, for one that does not live long enough to be ready. @returns how it ended. */
  static async diesAgain({ folder }: GatewayProcess, env: NodeJS.ProcessEnv): Promise<number | string> {
    const child = launch(folder, env);
    return new Promise((done) => child.once('close', (code, signal) => done(code ?? signal ?? 'unknown')));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Exit status, or the signal's name, once it has ended. */
  get exited(): Promise<number | string> {
    return this.#exit;
  }

  /** Everything that it has said on its streams. */
  get output(): string {
    return this.stdout + this.stderr;
  }

  /** The process of the walled room: its own child that runs the room's main file. */
  get roomPid(): number {
    const room = descendants(this.pid).find(({ command }) => /cde\/main\.js/.test(command));
    if (room === undefined) throw new Error('the walled room is not running');
    return room.pid;
  }

  get pids(): number[] {
    return [this.pid, ...descendants(this.pid).map(({ pid }) => pid)];
  }

  /** Resident memory of all its processes. */
  get memory(): number {
    return this.pids.reduce((sum, pid) => sum + residentBytes(pid), 0);
  }

  get sockets(): number {
    return this.pids.reduce((sum, pid) => sum + openSockets(pid), 0);
  }

  /** Files that it has written, apart from the configuration that the test wrote. */
  get files(): string[] {
    const entries = readdirSync(this.folder, { recursive: true, withFileTypes: true });
    const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    return paths.filter((path) => !path.endsWith('tonelock.yaml'));
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** SIGTERM, and SIGKILL if it does not end; removes its folder. */
  async stop(): Promise<number | string> {
    const orphans = descendants(this.pid);
    if (this.running) this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), stopLimitMs);
    const status = await this.#exit;
    clearTimeout(timer);
    await this.engines.kill();
    for (const { pid, command } of orphans) {
      if (!isRunning(pid, command)) continue;
      this.leftBehind.push(command);
      process.kill(pid, 'SIGKILL');
    }
    rmSync(this.folder, { recursive: true, force: true });
    return status;
  }

  async #untilReady(): Promise<void> {
    const limit = performance.now() + readyLimitMs;
    while (performance.now() < limit && this.running) {
      const answer = await fetch(`${this.http}/readyz`).catch(() => undefined);
      if (answer?.status === 200) return;
      await new Promise((done) => setTimeout(done, 50));
    }
    const why = this.running ? 'is not ready' : 'has ended';
    await this.stop();
    throw new Error(`the gateway ${why}:\n${this.output.slice(-4000)}`);
  }
}

/** What `npm start`, the image and the service give to Node. */
function startFlags(): readonly string[] {
  const { scripts } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  return scripts['start']?.match(/--\S+/g) ?? [];
}

function launch(folder: string, env: NodeJS.ProcessEnv = {}): ChildProcess {
  const child = spawn(process.execPath, [...startFlags(), program, '--config', join(folder, 'tonelock.yaml')], {
    cwd: folder,
    env: { ...process.env, NODE_OPTIONS: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A session of its own, as a service has: Linux shares out the processor by sessions.
    detached: true,
  });
  endWithTests(child);
  return child;
}

function defaults(o: GatewayOptions, folder: string, sip: number, http: number, media: [number, number]): Settings {
  const outbound =
    o.customerPort === undefined
      ? []
      : [{ from: 'pbx', to: `sip:{user}@127.0.0.1:${o.customerPort}`, agent: '{fromUser}' }];
  return {
    sip: { listen: [`udp/127.0.0.1:${sip}`, `tcp/127.0.0.1:${sip}`] },
    media: { ports: media, portQuarantineSeconds: 0 },
    http: { listen: `127.0.0.1:${http}` },
    trunks: [
      ...(o.trunks ?? []),
      { name: 'pbx', side: 'agent', peers: (o.agentSources ?? []).map((port) => `127.0.0.1:${port}`) },
      { name: 'carrier', side: 'customer', peers: ['127.0.0.1/32'] },
    ],
    routes: [
      ...(o.routes ?? []),
      { from: 'carrier', to: `sip:{user}@127.0.0.1:${o.agentPort}`, agent: '{user}' },
      ...outbound,
    ],
    storage: { path: join(folder, 'data') },
    demo: { enabled: false },
    drainSeconds: 2,
  };
}
