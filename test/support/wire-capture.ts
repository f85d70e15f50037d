import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endWithTests } from './child-processes.ts';

/** One RTP packet as tshark saw it; `at` in milliseconds since 1970. */
export interface WirePacket {
  readonly at: number;
  readonly payloadType: number;
  readonly sequence: number;
  readonly ssrc: string;
  readonly payload: Buffer;
}

const settleMs = 700;

/**
 * Wireshark on the loopback interface: an ear that shares nothing with the code under test. dumpcap, which tshark has its packets
 * from, writes them, and tshark reads what was written: to start one costs twenty times what the other does. Needs root.
 */
export class WireCapture {
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(child: ChildProcess, folder: string) {
    this.#child = child;
    this.#folder = folder;
  }

  /** Starts and waits until packets are being written. `filter` in the words of pcap-filter(7). */
  static async start(filter: string): Promise<WireCapture> {
    const folder = mkdtempSync(join(tmpdir(), 'tonelock-wire-'));
    const child = spawn('dumpcap', ['-q', '-i', 'lo', '-f', filter, '-w', join(folder, 'wire.pcap')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    endWithTests(child);
    await new Promise<void>((done, fail) => {
      child.once('exit', () => fail(new Error('dumpcap ended')));
      child.stderr?.on('data', (bytes) => {
        // It says where it writes when the interface is open.
        if (/^File: /m.test(String(bytes))) setTimeout(done, settleMs);
      });
    });
    child.removeAllListeners('exit');
    return new WireCapture(child, folder);
  }

  get path(): string {
    return join(this.#folder, 'wire.pcap');
  }

  /** Ends the capture once what is on its way has been written. */
  async stop(): Promise<void> {
    await new Promise((done) => setTimeout(done, settleMs));
    const closed = new Promise((done) => this.#child.once('close', done));
    this.#child.kill('SIGINT');
    await closed;
  }

  /** RTP that went to a port, in order of arrival. */
  rtpTo(port: number): WirePacket[] {
    const fields = ['frame.time_epoch', 'rtp.p_type', 'rtp.seq', 'rtp.ssrc', 'udp.payload'];
    return this.#fields(`udp.dstport==${port} && rtp`, port, fields).map(([time, type, sequence, ssrc, bytes]) => ({
      at: Number(time) * 1000,
      payloadType: Number(type),
      sequence: Number(sequence),
      ssrc: ssrc ?? '',
      // The whole datagram without the fixed header: tshark dissects what it takes for events.
      payload: Buffer.from((bytes ?? '').replaceAll(':', ''), 'hex').subarray(12),
    }));
  }

  /** The differentiated-services code point (RFC 2474) of every datagram that left a port. */
  codePointsFrom(port: number): number[] {
    const fields = ['ip.dsfield.dscp', 'ipv6.tclass.dscp'];
    return this.#fields(`udp.srcport==${port}`, port, fields).map(([four, six]) => Number(four || six));
  }

  /** Every byte of every captured packet. */
  get bytes(): Buffer {
    return readFileSync(this.path);
  }

  dispose(): void {
    this.#child.kill('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #fields(filter: string, port: number, names: readonly string[]): string[][] {
    const words = ['-r', this.path, '-d', `udp.port==${port},rtp`, '-Y', filter, '-T', 'fields'];
    const text = execFileSync('tshark', [...words, ...names.flatMap((name) => ['-e', name])], {
      encoding: 'utf8',
      maxBuffer: 256_000_000,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split('\t'));
  }
}

/** Keys that multimon-ng hears in G.711 (payload type 0 µ-law, 8 A-law). */
export function heardTones(payloadType: number, audio: Buffer): string {
  const law = payloadType === 8 ? 'al' : 'ul';
  const wanted = ['-t', 'raw', '-r', '22050', '-e', 'signed', '-b', '16', '-'];
  const samples = execFileSync('sox', ['-t', law, '-r', '8000', '-c', '1', '-', ...wanted], {
    input: audio,
    maxBuffer: 256_000_000,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const said = execFileSync('multimon-ng', ['-q', '-a', 'DTMF', '-t', 'raw', '-'], {
    input: samples,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  return [...said.matchAll(/DTMF: (\S)/g)].map((match) => match[1]).join('');
}
