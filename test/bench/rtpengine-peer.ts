import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { pause } from '../support/media-call.ts';
import { audioPort, description, privilege, type RelayPeer, threadsOf } from './relay-peer.ts';

const control = 22_299;
const answerMs = 500;
const attempts = 10;

/** Debian's rtpengine, without its kernel module, with one thread, spoken to by its ng protocol. */
export async function startRtpengine(payloadType: number): Promise<RelayPeer> {
  const settings = ['--config-file=none', '--foreground', '--table=-1', '--num-threads=1', '--log-level=0'];
  const places = ['--interface=127.0.0.1', `--listen-ng=127.0.0.1:${control}`, '--port-min=50000', '--port-max=59999'];
  const child = spawn('rtpengine', [...settings, ...places, '--log-facility=local7'], {
    stdio: 'ignore',
    detached: true,
  });
  const ended = once(child, 'exit');
  const { ask, close } = speaker();
  await ask({ command: 'ping' });
  privilege(child.pid ?? 0);
  return {
    name: 'rtpengine',
    pids: [child.pid ?? 0],
    movers: () => threadsOf(child.pid ?? 0),
    async connect(call, portA, portB) {
      const common = { 'call-id': `bench-${call}`, 'from-tag': 'a', replace: ['origin', 'session-connection'] };
      const plain = { ICE: 'remove', 'rtcp-mux': ['demux'] };
      const offer = await ask({ command: 'offer', ...common, ...plain, sdp: description(portA, payloadType) });
      const answer = { command: 'answer', ...common, ...plain, 'to-tag': 'b', sdp: description(portB, payloadType) };
      return [audioPort(String((await ask(answer))['sdp'])), audioPort(String(offer['sdp']))];
    },
    async close() {
      close();
      child.kill('SIGKILL');
      await ended;
    },
  };
}

type Dictionary = { [key: string]: string | string[] };

function speaker(): { ask: (question: Dictionary) => Promise<Dictionary>; close: () => void } {
  const socket = createSocket('udp4');
  const waiting = new Map<string, (answer: Dictionary) => void>();
  let cookie = 0;
  socket.on('error', () => undefined);
  socket.on('message', (bytes) => {
    const space = bytes.indexOf(0x20);
    waiting.get(bytes.toString('latin1', 0, space))?.(decode(bytes.subarray(space + 1)));
  });
  const ask = async (question: Dictionary): Promise<Dictionary> => {
    cookie += 1;
    const name = `bench${cookie}`;
    const answered = new Promise<Dictionary>((resolve) => waiting.set(name, resolve));
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      socket.send(`${name} ${encode(question)}`, control, '127.0.0.1');
      const answer = await Promise.race([answered, pause(answerMs)]);
      if (answer === undefined) continue;
      waiting.delete(name);
      if (answer['result'] !== 'ok' && answer['result'] !== 'pong') throw new Error(`rtpengine: ${answer['result']}`);
      return answer;
    }
    throw new Error('rtpengine does not answer');
  };
  return { ask, close: () => socket.close() };
}

/** Bencoding, as far as the ng protocol is spoken here: texts, lists of texts, dictionaries of both. */
function encode(value: string | string[] | Dictionary): string {
  if (typeof value === 'string') return `${Buffer.byteLength(value)}:${value}`;
  if (Array.isArray(value)) return `l${value.map(encode).join('')}e`;
  return `d${Object.entries(value)
    .map(([key, inner]) => encode(key) + encode(inner))
    .join('')}e`;
}

/** Reads the texts on the first level of a dictionary; what is deeper is passed over. */
function decode(bytes: Buffer): Dictionary {
  const found: Dictionary = {};
  let at = 1;
  const skip = (): void => {
    const kind = String.fromCharCode(bytes[at] ?? 0);
    if (kind === 'i') at = bytes.indexOf(0x65, at) + 1;
    else if (kind === 'l' || kind === 'd') {
      for (at += 1; bytes[at] !== 0x65; ) skip();
      at += 1;
    } else text();
  };
  const text = (): string => {
    const colon = bytes.indexOf(0x3a, at);
    const end = colon + 1 + Number(bytes.toString('latin1', at, colon));
    at = end;
    return bytes.toString('utf8', colon + 1, end);
  };
  while (at < bytes.length && bytes[at] !== 0x65) {
    const key = text();
    const digit = (bytes[at] ?? 0) >= 0x30 && (bytes[at] ?? 0) <= 0x39;
    if (digit) found[key] = text();
    else skip();
  }
  return found;
}
