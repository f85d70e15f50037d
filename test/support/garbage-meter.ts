import { setImmediate } from 'node:timers/promises';
import { CallRelay } from '../../src/cde/media/embedded/call-relay.ts';
import type { Flow } from '../../src/cde/media/embedded/flow.ts';
import type { RelayOptions } from '../../src/cde/media/embedded/relay-options.ts';
import type { Receiver, RtpIo } from '../../src/cde/media/embedded/rtp-io.ts';
import { rtpHeaderBytes } from '../../src/cde/media/rtp-packet.ts';
import { agentAt, callerAt, legSettings, relayOptions } from './paper-legs.ts';
import { ulaw } from './rtp-phone.ts';
import { samplesOf, seededRandom } from './tone-generator.ts';

/** A network that keeps nothing, so that what is left on the heap is the relay's. */
class SilentNetwork implements RtpIo {
  readonly receivers: Receiver[] = [];
  readonly flows: (Flow | undefined)[] = [];
  sent = 0;

  async open(_address: string, _port: number, receiver: Receiver) {
    const place = this.receivers.push(receiver) - 1;
    return {
      aim: () => undefined,
      send: () => {
        this.sent += 1;
      },
      shorten: (flow: Flow) => {
        this.flows[place] = flow;
      },
      droppedByFilter: () => 0,
      close: () => undefined,
    };
  }

  alarm() {
    return { set: () => undefined };
  }

  yield(): void {}
}

const options: RelayOptions = {
  ...relayOptions,
  lossMs: { first: 1e9, running: 1e9, held: 1e9 },
  secureAudio: 'agentTalks',
};

/*
 * Says on its standard output how many bytes of heap a packet leaves behind. Arguments: the changes of the relay's options as
 * JSON, whether it is locked, and what the packets hold: `noise`, or a `voice`, of which much is looked at closely.
 */
const packetBytes = 172;
const perChunk = 2000;
/** So many in a row tell; and after so many the compiler must be done, on a busy machine too. */
const chunks = 15;
const chunksMax = 200;
/** Less is nothing: what is measured with takes some of it, too. */
const nothing = 4;
/** The packets hold this over and over. */
const soundBytes = 160 * 600;

/** Makes the next packet of the stream, byte by byte: a view of a buffer would be garbage of ours. */
function write(packet: Buffer, sequence: number, sound: Buffer): void {
  const timestamp = 160 * sequence;
  packet.fill(0, 0, rtpHeaderBytes);
  packet[0] = 0x80;
  packet[2] = sequence >> 8;
  packet[3] = sequence;
  packet[4] = timestamp >> 24;
  packet[5] = timestamp >> 16;
  packet[6] = timestamp >> 8;
  packet[7] = timestamp;
  packet[11] = 7;
  const from = (160 * sequence) % soundBytes;
  for (let n = 0; n < 160; n += 1) packet[rtpHeaderBytes + n] = sound[from + n] as number;
}

const sounds = {
  noise(): Buffer {
    const random = seededRandom(3);
    return Buffer.from(Array.from({ length: soundBytes }, () => 0x60 + Math.floor(0xa0 * random())));
  },
  /** Harmonics of a gliding pitch, by syllables. */
  voice(): Buffer {
    const random = seededRandom(3);
    const bytes = Buffer.alloc(soundBytes, 0xff);
    for (let from = 0; from < soundBytes; from += samplesOf(250)) {
      const pitch = 90 + 160 * random();
      const first = 300 + 500 * random();
      for (let n = 0; n < samplesOf(220) && from + n < soundBytes; n += 1) {
        const turns = (pitch * (1 + n / 8000) * n) / 8000;
        let x = 0;
        for (let h = 1; h * pitch < 3400; h += 1)
          x += Math.sin(2 * Math.PI * h * turns) / (1 + ((h * pitch - first) / 150) ** 2);
        bytes[from + n] = ulaw(Math.round(4000 * x));
      }
    }
    return bytes;
  },
};

/**
 * Bytes of heap that a packet leaves behind, once all code is compiled, which may take a while: the median of some
 * rounds, for now and then all is cleared.
 */
async function garbage(changes: Partial<RelayOptions>, locked: boolean, kind: keyof typeof sounds): Promise<number> {
  const network = new SilentNetwork();
  const events = { pressed: () => undefined, wake: () => undefined, settled: () => undefined, leaked: () => undefined };
  const relay = await CallRelay.open(network, { caller: 1000, agent: 1002 }, { ...options, ...changes }, events);
  relay.configure('caller', legSettings(callerAt, 101), 0);
  relay.configure('agent', legSettings(agentAt, 101), 0);
  if (locked) relay.secure(1, 0);
  const sound = sounds[kind]();
  const packet = Buffer.alloc(packetBytes);
  const [receiver] = network.receivers;
  const flow = network.flows[0];
  let sequence = 0;
  const play = (count: number): void => {
    for (let n = 0; n < count; n += 1) {
      sequence += 1;
      write(packet, sequence, sound);
      const now = 20 * sequence;
      if (flow?.armed === true && flow.pass(packet, packetBytes, now)) continue;
      receiver?.arrived(packet, packetBytes, now, callerAt.address, callerAt.port);
    }
  };
  const left: number[] = [];
  const latest = (): number => left.slice(-chunks).sort((a, b) => a - b)[chunks >> 1] ?? Number.NaN;
  while (left.length < chunksMax && !(latest() < nothing)) {
    const before = process.memoryUsage().heapUsed;
    play(perChunk);
    left.push((process.memoryUsage().heapUsed - before) / perChunk);
    // What was compiled beside is taken over between two turns.
    await setImmediate();
  }
  return latest();
}

const [, , changes = '{}', state, kind] = process.argv;
process.stdout.write(
  String(await garbage(JSON.parse(changes), state === 'locked', kind === 'voice' ? 'voice' : 'noise')),
);
