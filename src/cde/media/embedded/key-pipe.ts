import { writeSync } from 'node:fs';
import type { Socket } from 'node:net';
import { asKeyCode, type KeyCode } from '../../dtmf/key-code.ts';
import { wipeBytes } from './bytes.ts';
import { type Carrier, carriers } from './caller-keys.ts';

/*
 * One press on its way from a media process to the room, 16 bytes:
 *
 *   call (4) | lock generation (2) | key (1) | carrier (1) | time in ms of the machine's monotonic clock (8, IEEE 754)
 *
 * Numbers are big-endian. Both ends overwrite the bytes when they have done with them.
 */
const recordBytes = 16;
const keyAt = 6;
const carrierAt = 7;

/** File descriptors of the media process behind its standard streams: Node's message channel, and the pipe for keys. */
export const messageChannelFd = 3;
export const keyPipeFd = 4;
/** Presses that may wait for a room that does not read; further ones are dropped, for nobody keys as fast. */
const waitingBytesMax = 1024 * recordBytes;

export interface KeyRecord {
  readonly call: number;
  readonly generation: number;
  readonly key: KeyCode;
  readonly carrier: Carrier;
  readonly at: number;
}

/** Time on the clock that all processes of a machine share. */
export const machineMs = (): number => Number(process.hrtime.bigint()) / 1e6;

/** Puts records into the pipe: with one system call as long as it takes them, since packets of other calls wait meanwhile. */
export class KeyWriter {
  readonly #pipe: Socket;
  readonly #fd: number;
  readonly #record = Buffer.alloc(recordBytes);

  /** `fd` is the descriptor of `pipe`, which does not block. */
  constructor(pipe: Socket, fd: number) {
    this.#pipe = pipe;
    this.#fd = fd;
  }

  write(call: number, generation: number, key: KeyCode, at: number, carrier: Carrier): void {
    const record = this.#record;
    record.writeUInt32BE(call, 0);
    record.writeUInt16BE(generation, 4);
    record.writeUInt8(key, keyAt);
    record.writeUInt8(carriers.indexOf(carrier), carrierAt);
    record.writeDoubleBE(at, 8);
    const written = this.#pipe.writableLength === 0 ? this.#writeNow() : 0;
    if (written < recordBytes) this.#writeLater(Buffer.from(record.subarray(written)));
    wipeBytes(record, 0, recordBytes);
  }

  /** @returns how many bytes of the record the pipe has taken. */
  #writeNow(): number {
    try {
      return writeSync(this.#fd, this.#record);
    } catch {
      // Full, or nobody is left who reads it; the stream knows what to do about either.
      return 0;
    }
  }

  #writeLater(rest: Buffer): void {
    const wipe = (): void => void rest.fill(0);
    if (this.#pipe.destroyed || this.#pipe.writableLength > waitingBytesMax) wipe();
    else this.#pipe.write(rest, wipe);
  }
}

/** Puts records together from whatever pieces the pipe gives. */
export class KeyReader {
  readonly #rest = Buffer.alloc(recordBytes);
  #filled = 0;
  readonly #take: (record: KeyRecord) => void;

  constructor(take: (record: KeyRecord) => void) {
    this.#take = take;
  }

  /** Takes a piece and wipes it. */
  read(piece: Buffer): void {
    for (let at = 0; at < piece.length; ) {
      const copied = piece.copy(this.#rest, this.#filled, at, at + recordBytes - this.#filled);
      this.#filled += copied;
      at += copied;
      if (this.#filled === recordBytes) this.#emit();
    }
    piece.fill(0);
  }

  #emit(): void {
    const record = this.#rest;
    const key = asKeyCode(record.readUInt8(keyAt));
    const call = record.readUInt32BE(0);
    const generation = record.readUInt16BE(4);
    const carrier = carriers[record.readUInt8(carrierAt)];
    const at = record.readDoubleBE(8);
    record.fill(0);
    this.#filled = 0;
    if (key !== undefined && carrier !== undefined) this.#take({ call, generation, key, carrier, at });
  }
}
