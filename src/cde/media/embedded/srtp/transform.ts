import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto';
import type { Suite } from '../../offer-answer/srtp-suite.ts';
import type { SessionKeys } from './session-keys.ts';

/** A packet as the transforms see it: open bytes, then bytes that are or become secret; `trailer` is proven and not secret. */
export interface Sealing {
  readonly open: Buffer;
  readonly secret: Buffer;
  readonly trailer: Buffer;
  readonly ssrc: number;
  /** Packet index: 48 bits of RTP, 31 of RTCP. */
  readonly index: number;
}

/** One way to encrypt and prove a packet. */
export interface Transform {
  /** @returns the encrypted bytes, and the tag that proves them with all that stands open. */
  seal(sealing: Sealing): { secret: Buffer; tag: Buffer };
  /** @returns the decrypted bytes, undefined when the tag does not prove them. */
  unseal(sealing: Sealing, tag: Buffer): Buffer | undefined;
}

export const makeTransform = (suite: Suite, keys: SessionKeys, tagBytes: number): Transform =>
  suite.aead === null ? new CounterMode(suite, keys, tagBytes) : new Aead(suite.aead, keys, tagBytes);

/** AES in counter mode, and HMAC-SHA1 over the encrypted packet (RFC 3711 §4.1.1, §4.2.1). */
class CounterMode implements Transform {
  readonly #mode: Suite['counterMode'];
  readonly #keys: SessionKeys;
  readonly #tagBytes: number;

  constructor(suite: Suite, keys: SessionKeys, tagBytes: number) {
    this.#mode = suite.counterMode;
    this.#keys = keys;
    this.#tagBytes = tagBytes;
  }

  seal(sealing: Sealing): { secret: Buffer; tag: Buffer } {
    const secret = this.#crypt(sealing);
    return { secret, tag: this.#tag(sealing.open, secret, sealing.trailer) };
  }

  unseal(sealing: Sealing, tag: Buffer): Buffer | undefined {
    const own = this.#tag(sealing.open, sealing.secret, sealing.trailer);
    return tag.length === own.length && timingSafeEqual(own, tag) ? this.#crypt(sealing) : undefined;
  }

  #crypt({ secret, ssrc, index }: Sealing): Buffer {
    // IV = salt · 2^16 ⊕ SSRC · 2^64 ⊕ index · 2^16
    const counter = Buffer.alloc(16);
    this.#keys.salt.copy(counter);
    xor32(counter, 4, ssrc);
    xor32(counter, 8, Math.floor(index / 0x10000));
    counter.writeUInt16BE(counter.readUInt16BE(12) ^ (index % 0x10000), 12);
    return createCipheriv(this.#mode, this.#keys.cipher, counter).update(secret);
  }

  #tag(open: Buffer, secret: Buffer, trailer: Buffer): Buffer {
    const mac = createHmac('sha1', this.#keys.auth).update(open).update(secret).update(trailer);
    return mac.digest().subarray(0, this.#tagBytes);
  }
}

/** AES-GCM (RFC 7714 §8.1 for RTP, §9.1 for RTCP: the index has the same place in either). */
class Aead implements Transform {
  readonly #name: NonNullable<Suite['aead']>;
  readonly #keys: SessionKeys;
  readonly #tagBytes: number;

  constructor(name: NonNullable<Suite['aead']>, keys: SessionKeys, tagBytes: number) {
    this.#name = name;
    this.#keys = keys;
    this.#tagBytes = tagBytes;
  }

  seal(sealing: Sealing): { secret: Buffer; tag: Buffer } {
    const cipher = createCipheriv(this.#name, this.#keys.cipher, this.#nonce(sealing), {
      authTagLength: this.#tagBytes,
    });
    cipher.setAAD(associated(sealing));
    const secret = cipher.update(sealing.secret);
    cipher.final();
    return { secret, tag: cipher.getAuthTag() };
  }

  unseal(sealing: Sealing, tag: Buffer): Buffer | undefined {
    const decipher = createDecipheriv(this.#name, this.#keys.cipher, this.#nonce(sealing), {
      authTagLength: this.#tagBytes,
    });
    decipher.setAAD(associated(sealing));
    decipher.setAuthTag(tag);
    const secret = decipher.update(sealing.secret);
    try {
      decipher.final();
      return secret;
    } catch {
      return undefined;
    }
  }

  /** 0 (2) | SSRC (4) | roll-over counter and sequence number, or 0 (2) and index of RTCP (6), ⊕ salt. */
  #nonce({ ssrc, index }: Sealing): Buffer {
    const nonce = Buffer.from(this.#keys.salt);
    xor32(nonce, 2, ssrc);
    xor32(nonce, 6, Math.floor(index / 0x10000));
    nonce.writeUInt16BE(nonce.readUInt16BE(10) ^ (index % 0x10000), 10);
    return nonce;
  }
}

/** RFC 7714 proves the roll-over counter by the nonce; of RTCP the index is associated too. */
const associated = ({ open, trailer }: Sealing): Buffer =>
  open.length === controlHeaderBytes ? Buffer.concat([open, trailer]) : open;

/** The first words of RTCP (RFC 3550 §6.4.1) stay open; an RTP header is longer. */
export const controlHeaderBytes = 8;

function xor32(bytes: Buffer, at: number, value: number): void {
  bytes.writeUInt32BE((bytes.readUInt32BE(at) ^ value) >>> 0, at);
}
