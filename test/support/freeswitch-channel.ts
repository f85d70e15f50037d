import { randomUUID } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { alawTable, ulawTable } from '../../src/cde/dtmf/g711.ts';
import { ToneDetector } from '../../src/cde/dtmf/tone-detector.ts';
import { FreeswitchEvents } from './freeswitch-events.ts';
import { keyNames } from './key-names.ts';
import { parseRtp } from './rtp-capture.ts';
import { alaw, rtp, ulaw } from './rtp-phone.ts';

const packetMs = 20;
const samples = 160;
/** As measured on a real one: from the last packet of an event, or the beginning of a tone, to its word. */
const eventWayMs = 45;
const queueMax = 3;
/** RFC 4733 §2.5.1.4 */
const endCopies = 3;

export interface ToldKey {
  readonly key: string;
  readonly duration: number;
  readonly source: 'RTP' | 'INBAND_AUDIO';
}

/** What a leg's offer says: where its peer is, its one codec, its telephone-event. */
export interface ChannelSettings {
  readonly address: string;
  readonly port: number;
  readonly codec: number;
  readonly events: number | undefined;
}

/** One channel: an RTP socket with what FreeSWITCH does between it and the channel that it is bridged to. */
export class FreeswitchChannel {
  readonly uuid = randomUUID();
  readonly variables = new Map<string, string>();
  readonly counts = { received: 0, events: 0, sent: 0 };
  muted = false;
  peer: FreeswitchChannel | undefined;
  settings: ChannelSettings;
  readonly #socket: Socket;
  readonly #told: (key: ToldKey) => void;
  readonly #events: FreeswitchEvents;
  readonly #queue: Int16Array[] = [];
  readonly #ssrc = Math.floor(Math.random() * 0x1_0000_0000);
  readonly #sending: { code: number; packets: number; sent: number }[] = [];
  /** Read once, when a bridge begins. */
  #filters = false;
  #noise = false;
  #tones: ToneDetector | undefined;
  #sequence = Math.floor(Math.random() * 0x1_0000);
  #timestamp = Math.floor(Math.random() * 0x1_0000_0000);
  #eventBase = 0;
  #startedAt = performance.now();
  #ticks = 0;
  #timer: NodeJS.Timeout | undefined;
  #over = false;

  private constructor(socket: Socket, settings: ChannelSettings, told: (key: ToldKey) => void) {
    this.#socket = socket;
    this.settings = settings;
    this.#told = told;
    this.#events = new FreeswitchEvents((code, duration) => {
      this.#tell({ key: keyNames[code] ?? '?', duration, source: 'RTP' }, eventWayMs);
    });
    socket.on('message', (packet, from) => this.#receive(packet, from.address, from.port));
    socket.on('error', () => undefined);
  }

  /** Binds an even port of the system's choice. */
  static async open(settings: ChannelSettings, told: (key: ToldKey) => void): Promise<FreeswitchChannel> {
    for (;;) {
      const socket = createSocket('udp4');
      await new Promise<void>((done, fail) => {
        socket.once('error', fail);
        socket.bind({ address: '127.0.0.1', port: 0, exclusive: true }, done);
      });
      if (socket.address().port % 2 === 0) return new FreeswitchChannel(socket, settings, told);
      await new Promise<void>((done) => socket.close(() => done()));
    }
  }

  get port(): number {
    return this.#socket.address().port;
  }

  detectTones(): void {
    this.#tones = new ToneDetector({
      onTone: (code) => this.#tell({ key: keyNames[code] ?? '?', duration: 2000, source: 'INBAND_AUDIO' }, packetMs),
    });
  }

  bridge(peer: FreeswitchChannel): void {
    this.peer = peer;
    this.#filters = this.variables.get('bridge_filter_dtmf') === 'true';
    this.#noise = this.variables.get('bridge_generate_comfort_noise') === '-1';
    if (this.#timer !== undefined) return;
    this.#startedAt = performance.now();
    this.#tick();
  }

  sendKey(code: number, ms: number): void {
    this.#sending.push({ code, packets: Math.max(2, Math.ceil(ms / packetMs)), sent: 0 });
  }

  close(): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#timer);
    this.#socket.close();
  }

  #tell(key: ToldKey, afterMs: number): void {
    setTimeout(() => {
      if (this.#over) return;
      this.#told(key);
      if (!this.#filters) this.peer?.sendKey(keyNames.indexOf(key.key), key.duration / 8);
    }, afterMs);
  }

  #receive(bytes: Buffer, address: string, port: number): void {
    const { settings } = this;
    // With `disable_rtp_auto_adjust` what comes from elsewhere is dropped, and not counted.
    if (address !== settings.address || port !== settings.port) return;
    const packet = parseRtp(bytes, '', performance.now());
    if (packet === undefined) return;
    this.counts.received += 1;
    const { payload, payloadType } = packet;
    if (payloadType === settings.events && payload.length >= 4) {
      this.counts.events += 1;
      const [code = 0, flags = 0] = payload;
      const { sequence, timestamp } = packet;
      this.#events.take({ sequence, timestamp, code, end: flags >= 0x80, duration: payload.readUInt16BE(2) });
    } else if (payloadType === settings.codec) this.#hear(payload);
  }

  #hear(payload: Buffer): void {
    const table = this.settings.codec === 8 ? alawTable : ulawTable;
    const sound = Int16Array.from(payload, (byte) => table[byte] ?? 0);
    this.#tones?.feed(sound, sound.length);
    this.#queue.push(sound);
    if (this.#queue.length > queueMax) this.#queue.shift();
  }

  #tick(): void {
    while (this.#startedAt + this.#ticks * packetMs <= performance.now()) {
      this.#ticks += 1;
      this.#timestamp = (this.#timestamp + samples) >>> 0;
      if (!this.#sendEvent()) this.#sendSound();
    }
    const wait = this.#startedAt + this.#ticks * packetMs - performance.now();
    this.#timer = setTimeout(() => this.#tick(), Math.max(1, wait));
  }

  #sendSound(): void {
    const heard = this.peer?.nextSound();
    if (heard === undefined && this.peer?.makesNoise !== true) return;
    const sound = this.muted || heard === undefined ? new Int16Array(samples) : heard;
    const write = this.settings.codec === 8 ? alaw : ulaw;
    this.#send(this.settings.codec, this.#timestamp, Buffer.from(sound.map((sample) => write(sample))));
  }

  /** Of the bridge's direction from this channel. */
  nextSound(): Int16Array | undefined {
    return this.#queue.shift();
  }

  get makesNoise(): boolean {
    return this.#noise;
  }

  /** One packet of a key instead of the sound. */
  #sendEvent(): boolean {
    const [now] = this.#sending;
    if (now === undefined || this.settings.events === undefined) return false;
    if (now.sent === 0) this.#eventBase = this.#timestamp;
    now.sent += 1;
    const end = now.sent >= now.packets;
    const duration = Math.min(now.sent, now.packets) * samples;
    const payload = Buffer.from([now.code, (end ? 0x80 : 0) | 10, duration >> 8, duration & 0xff]);
    for (let copy = 0; copy < (end ? endCopies : 1); copy += 1)
      this.#send(this.settings.events, this.#eventBase, payload);
    if (end) this.#sending.shift();
    return true;
  }

  #send(type: number, timestamp: number, payload: Buffer): void {
    const { address, port } = this.settings;
    const packet = rtp(type, false, this.#sequence, timestamp, this.#ssrc, payload);
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.counts.sent += 1;
    if (port > 1024) this.#socket.send(packet, port, address);
  }
}
