import { createSocket, type Socket } from 'node:dgram';
import { type PressOptions, pressSchedule } from './event-schedule.ts';
import { keyNames } from './key-names.ts';
import { parseRtp, RtpCapture } from './rtp-capture.ts';

export interface RtpAddress {
  readonly address: string;
  readonly port: number;
}

export interface RtpPhoneOptions {
  readonly address?: string;
  readonly port?: number;
  readonly payloadType?: number;
  readonly eventPayloadType?: number;
  readonly ssrc?: number;
  readonly ptimeMs?: number;
}

export interface KeyOptions extends PressOptions {
  /** Numbers (from 0) of the press's packets that never leave the phone; their sequence numbers are used up. */
  readonly lost?: readonly number[];
  /** How many copies of every packet are sent; 1 is none too many. */
  readonly copies?: number;
  /** Another payload type than the phone's, or another SSRC. */
  readonly payloadType?: number;
  readonly ssrc?: number;
  /** Pause after the press, before the audio or the next key goes on. */
  readonly gapMs?: number;
  /** Sends audio between the event packets too, as some phones do. */
  readonly audioBetween?: boolean;
}

export type Sound = 'silence' | 'tone' | ((sample: number) => number);

const tone440 = (sample: number): number => 8000 * Math.sin((2 * Math.PI * 440 * sample) / clockRate);

const clockRate = 8000;
const pause = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

/**
 * A telephone for tests: one UDP socket that sends a steady stream of G.711 packets and RFC 4733 presses, and records
 * what it hears. Its timetable does not drift: every packet has a due time from the start of the stream.
 */
export class RtpPhone {
  readonly heard: RtpCapture;
  /** What is written into audio packets: G.711 silence, a 440 Hz tone, or 16-bit samples of the test's own by their number. */
  sound: Sound = 'tone';
  payloadType: number;
  eventPayloadType: number;
  ssrc: number;
  sent = 0;
  readonly #socket: Socket;
  readonly #ptimeMs: number;
  #remote: RtpAddress | undefined;
  #sequence = Math.floor(Math.random() * 0x10000);
  #timestamp = Math.floor(Math.random() * 0x1_0000_0000);
  #phase = 0;
  #pressing = false;
  #audioBetween = false;
  #marker = true;
  #timer: NodeJS.Timeout | undefined;
  #startedAt = 0;
  #ticks = 0;

  private constructor(socket: Socket, options: RtpPhoneOptions) {
    this.#socket = socket;
    this.payloadType = options.payloadType ?? 0;
    this.eventPayloadType = options.eventPayloadType ?? 101;
    this.ssrc = options.ssrc ?? Math.floor(Math.random() * 0x1_0000_0000);
    this.#ptimeMs = options.ptimeMs ?? 20;
    this.heard = new RtpCapture(() => this.eventPayloadType);
    socket.on('message', (packet, from) => {
      const parsed = parseRtp(packet, `${from.address}:${from.port}`, performance.now());
      if (parsed !== undefined) this.heard.packets.push(parsed);
    });
    // A peer that has closed its port answers by ICMP; to a phone that is nothing.
    socket.on('error', () => undefined);
  }

  /** Binds a port (of the system's choice unless one is given). */
  static async open(options: RtpPhoneOptions = {}): Promise<RtpPhone> {
    const address = options.address ?? '127.0.0.1';
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    await new Promise<void>((done, fail) => {
      socket.once('error', fail);
      socket.bind({ address, port: options.port ?? 0, exclusive: true }, done);
    });
    return new RtpPhone(socket, options);
  }

  /** Where it sends to. */
  get remote(): RtpAddress | undefined {
    return this.#remote;
  }

  get address(): string {
    return this.#socket.address().address;
  }

  get port(): number {
    return this.#socket.address().port;
  }

  /** An SDP offer or answer of this phone. `events: false` leaves telephone-event out. */
  sdp(options: { readonly events?: boolean; readonly direction?: string; readonly version?: number } = {}): string {
    const family = this.address.includes(':') ? 'IP6' : 'IP4';
    const names: Record<number, string> = { 0: 'PCMU/8000', 8: 'PCMA/8000', 9: 'G722/8000', 18: 'G729/8000' };
    const events = options.events !== false;
    const lines = [
      'v=0',
      `o=phone 1 ${options.version ?? 1} IN ${family} ${this.address}`,
      's=-',
      `c=IN ${family} ${this.address}`,
      't=0 0',
      `m=audio ${this.port} RTP/AVP ${this.payloadType}${events ? ` ${this.eventPayloadType}` : ''}`,
      `a=rtpmap:${this.payloadType} ${names[this.payloadType] ?? 'PCMU/8000'}`,
      ...(events
        ? [`a=rtpmap:${this.eventPayloadType} telephone-event/8000`, `a=fmtp:${this.eventPayloadType} 0-16`]
        : []),
      `a=ptime:${this.#ptimeMs}`,
      `a=${options.direction ?? 'sendrecv'}`,
    ];
    return `${lines.join('\r\n')}\r\n`;
  }

  /** Sends to where an SDP (offer or answer) says, with its event payload type. */
  follow(sdp: string): void {
    const address = /^c=IN IP[46] (\S+)/m.exec(sdp)?.[1];
    const port = /^m=audio (\d+)/m.exec(sdp)?.[1];
    if (address === undefined || port === undefined) throw new Error('an SDP without an address or audio');
    this.#remote = { address, port: Number(port) };
    const events = /^a=rtpmap:(\d+) telephone-event\/8000/m.exec(sdp)?.[1];
    if (events !== undefined) this.eventPayloadType = Number(events);
  }

  sendTo(remote: RtpAddress): void {
    this.#remote = remote;
  }

  /** Starts the steady stream; a second call changes only the sound. */
  talk(sound: Sound = 'tone'): void {
    this.sound = sound;
    if (this.#timer !== undefined) return;
    this.#startedAt = performance.now();
    this.#ticks = 0;
    this.#marker = true;
    this.#tick();
  }

  stopTalking(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Presses one key (a character of the keypad, or an event code) and resolves when its last packet is sent. */
  async press(key: string | number, options: KeyOptions = {}): Promise<void> {
    const code = typeof key === 'number' ? key : keyNames.indexOf(key);
    if (code < 0) throw new Error('no such key');
    this.#audioBetween = options.audioBetween === true;
    this.#pressing = true;
    if (this.#timer === undefined) this.#timestamp = (this.#timestamp + clockRate / 5) >>> 0;
    const base = this.#timestamp;
    const start = performance.now();
    for (const [number, event] of pressSchedule(options).entries()) {
      const wait = start + event.atMs - performance.now();
      if (wait > 1) await pause(wait);
      const payload = Buffer.from([code, (event.end ? 0x80 : 0) | 10, event.duration >> 8, event.duration & 0xff]);
      const sequence = this.#takeSequence();
      if (options.lost?.includes(number) === true) continue;
      const type = options.payloadType ?? this.eventPayloadType;
      const packet = rtp(
        type,
        event.marker,
        sequence,
        base + event.timestampOffset,
        options.ssrc ?? this.ssrc,
        payload,
      );
      for (let copy = 0; copy < (options.copies ?? 1); copy += 1) this.sendRaw(packet);
    }
    this.#pressing = false;
    if (this.#timer === undefined) {
      this.#timestamp = (this.#timestamp + Math.round((performance.now() - start) * (clockRate / 1000))) >>> 0;
    }
    await pause(options.gapMs ?? 60);
  }

  /** Presses keys one after another. */
  async pressAll(text: string, options: KeyOptions = {}): Promise<void> {
    for (const key of text.replaceAll(' ', '')) await this.press(key, options);
  }

  /** Sends bytes as they are, to the remote or elsewhere: for hostile tests. */
  sendRaw(packet: Buffer, to: RtpAddress | undefined = this.#remote): void {
    if (to === undefined) return;
    this.sent += 1;
    this.#socket.send(packet, to.port, to.address);
  }

  /** Makes an RTP packet of this phone's stream with the next sequence number, without sending it. */
  packet(payload: Buffer, options: { readonly payloadType?: number; readonly ssrc?: number } = {}): Buffer {
    const type = options.payloadType ?? this.payloadType;
    return rtp(type, false, this.#takeSequence(), this.#timestamp, options.ssrc ?? this.ssrc, payload);
  }

  async close(): Promise<void> {
    this.stopTalking();
    await new Promise<void>((done) => this.#socket.close(done));
  }

  #tick(): void {
    const samples = (clockRate * this.#ptimeMs) / 1000;
    while (this.#startedAt + this.#ticks * this.#ptimeMs <= performance.now()) {
      this.#timestamp = (this.#timestamp + samples) >>> 0;
      this.#ticks += 1;
      if (this.#pressing && !this.#audioBetween) continue;
      const payload = Buffer.alloc(samples, this.payloadType === 8 ? 0xd5 : 0xff);
      if (this.sound !== 'silence') this.#writeSound(payload, this.sound === 'tone' ? tone440 : this.sound);
      this.sendRaw(rtp(this.payloadType, this.#marker, this.#takeSequence(), this.#timestamp, this.ssrc, payload));
      this.#marker = false;
    }
    const due = this.#startedAt + this.#ticks * this.#ptimeMs;
    this.#timer = setTimeout(() => this.#tick(), Math.max(1, due - performance.now()));
  }

  #writeSound(payload: Buffer, sample: (number: number) => number): void {
    for (let i = 0; i < payload.length; i += 1) {
      const value = Math.round(sample(this.#phase));
      payload[i] = this.payloadType === 8 ? alaw(value) : ulaw(value);
      this.#phase += 1;
    }
  }

  #takeSequence(): number {
    const sequence = this.#sequence;
    this.#sequence = (sequence + 1) & 0xffff;
    return sequence;
  }
}

/** One RTP packet (RFC 3550 §5.1) without extension, padding or contributing sources. */
export function rtp(
  payloadType: number,
  marker: boolean,
  sequence: number,
  timestamp: number,
  ssrc: number,
  payload: Buffer,
): Buffer {
  const packet = Buffer.alloc(12 + payload.length);
  packet.writeUInt8(0x80, 0);
  packet.writeUInt8((marker ? 0x80 : 0) | payloadType, 1);
  packet.writeUInt16BE(sequence & 0xffff, 2);
  packet.writeUInt32BE(timestamp >>> 0, 4);
  packet.writeUInt32BE(ssrc >>> 0, 8);
  payload.copy(packet, 12);
  return packet;
}

/** G.711 µ-law of one 16-bit sample (ITU-T G.711 table 2). */
export function ulaw(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  const magnitude = Math.min(32_635, Math.abs(sample)) + 132;
  let exponent = 7;
  for (let mask = 0x4000; exponent > 0 && (magnitude & mask) === 0; mask >>= 1) exponent -= 1;
  return ~(sign | (exponent << 4) | ((magnitude >> (exponent + 3)) & 0x0f)) & 0xff;
}

/** G.711 A-law of one 16-bit sample (ITU-T G.711 table 1). */
export function alaw(sample: number): number {
  const sign = sample >= 0 ? 0x80 : 0;
  const magnitude = Math.min(32_635, sample >= 0 ? sample : -sample - 1);
  let exponent = 7;
  for (let mask = 0x4000; exponent > 0 && (magnitude & mask) === 0; mask >>= 1) exponent -= 1;
  const mantissa = (magnitude >> (exponent === 0 ? 4 : exponent + 3)) & 0x0f;
  return (sign | (exponent << 4) | mantissa) ^ 0x55;
}
