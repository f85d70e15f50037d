import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endWithTests } from './child-processes.ts';
import { freeMediaRange, freeSipPort } from './free-ports.ts';
import type { SipAddress } from './sip-peer.ts';

const modules = '/usr/lib/baresip/modules';
const readyLimitMs = 20_000;

/** Whether Debian's baresip-core is here. */
export const hasBaresip = existsSync('/usr/bin/baresip') && existsSync(join(modules, 'srtp.so'));

/** A telephone that nobody of this project wrote: takes every call, with SRTP or not at all, and says back what it hears. */
export class Baresip {
  readonly sip: SipAddress;
  /** What it has written. */
  text = '';
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(child: ChildProcess, folder: string, sip: SipAddress) {
    this.#child = child;
    this.#folder = folder;
    this.sip = sip;
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (bytes) => (this.text += String(bytes)));
  }

  static async start(): Promise<Baresip> {
    const folder = mkdtempSync(join(tmpdir(), 'tonelock-baresip-'));
    const sip = { address: '127.0.0.1', port: await freeSipPort() };
    const place = `${sip.address}:${sip.port}`;
    const [from, to] = await freeMediaRange(100);
    const sound = ['audio_player aubridge,loop', 'audio_source aubridge,loop', 'audio_alert aubridge,none'];
    const loaded = ['g711', 'aubridge', 'srtp'].map((name) => `module ${name}.so`);
    // Of its own accord it takes no loopback address.
    const here = [`net_interface ${sip.address}`, `sip_listen ${place}`];
    const config = [...here, `rtp_ports ${from}-${to}`, `module_path ${modules}`, ...sound, ...loaded];
    const more = ['module_app account.so', 'module_app menu.so', ''];
    writeFileSync(join(folder, 'config'), [...config, ...more].join('\n'));
    const account = 'regint=0;mediaenc=srtp-mand;answermode=auto;audio_codecs=PCMU/8000/1';
    writeFileSync(join(folder, 'accounts'), `<sip:agent@${place}>;${account}\n`);
    writeFileSync(join(folder, 'contacts'), '');
    const child = spawn('baresip', ['-f', folder], { stdio: ['pipe', 'pipe', 'pipe'] });
    endWithTests(child);
    const phone = new Baresip(child, folder, sip);
    await phone.#ready();
    return phone;
  }

  async stop(): Promise<void> {
    const ended = new Promise((done) => this.#child.once('close', done));
    this.#child.kill('SIGKILL');
    await ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #ready(): Promise<void> {
    return new Promise((done, fail) => {
      const timer = setTimeout(() => fail(new Error(`baresip does not start: ${this.text}`)), readyLimitMs);
      const look = setInterval(() => {
        if (!this.text.includes('baresip is ready')) return;
        clearTimeout(timer);
        clearInterval(look);
        done();
      }, 20);
    });
  }
}
