import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';

/** What a stranger does: sends every packet to every port, over and over, and counts what comes back to him. */
const attack = `
  const { createSocket } = require('node:dgram');
  const { address, ports, packets, ms } = JSON.parse(process.argv[1]);
  const socket = createSocket('udp4');
  let received = 0;
  socket.on('message', () => { received += 1; });
  socket.on('error', () => undefined);
  const until = Date.now() + ms;
  const round = () => {
    for (const port of ports) for (const hex of packets) socket.send(Buffer.from(hex, 'hex'), port, address);
    if (Date.now() < until) setTimeout(round, 2);
    else setTimeout(() => { process.stdout.write(String(received)); process.exit(0); }, 200);
  };
  round();
`;

/** Whether this machine lets us make a network of our own. */
export function mayMakeNetworks(): boolean {
  try {
    execFileSync('ip', ['netns', 'add', 'tonelock-probe'], { stdio: 'ignore' });
    execFileSync('ip', ['netns', 'delete', 'tonelock-probe'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A host on the other end of a cable of its own: another address, another kernel table, no way to forge ours. */
export class NetStranger {
  /** Our end of the cable, and his. */
  readonly here: string;
  readonly there: string;
  readonly #name: string;

  constructor(number: number) {
    this.#name = `tonelock-${number}`;
    this.here = `10.213.${number}.1`;
    this.there = `10.213.${number}.2`;
    const [near, far] = [`tl${number}n`, `tl${number}f`];
    const ip = (...words: string[]) => execFileSync('ip', words, { stdio: 'ignore' });
    ip('netns', 'add', this.#name);
    ip('link', 'add', near, 'type', 'veth', 'peer', 'name', far);
    ip('link', 'set', far, 'netns', this.#name);
    ip('address', 'add', `${this.here}/24`, 'dev', near);
    ip('link', 'set', near, 'up');
    ip('-n', this.#name, 'address', 'add', `${this.there}/24`, 'dev', far);
    ip('-n', this.#name, 'link', 'set', far, 'up');
    ip('-n', this.#name, 'link', 'set', 'lo', 'up');
  }

  /** Sprays for so long. @returns how many datagrams came back to him. */
  async spray(ports: readonly number[], packets: readonly Buffer[], ms: number): Promise<number> {
    const told = JSON.stringify({ address: this.here, ports, packets: packets.map((one) => one.toString('hex')), ms });
    const command = ['netns', 'exec', this.#name, process.execPath, '-e', attack, told];
    const child = spawn('ip', command, { stdio: ['ignore', 'pipe', 'inherit'] });
    const pieces: Buffer[] = [];
    child.stdout.on('data', (piece: Buffer) => pieces.push(piece));
    await once(child, 'close');
    return Number(Buffer.concat(pieces).toString());
  }

  close(): void {
    execFileSync('ip', ['netns', 'delete', this.#name], { stdio: 'ignore' });
  }
}
