import { assert } from '../../../shared/assert.ts';
import { DigitBuffer } from '../../entry/digit-buffer.ts';
import { registerWipeable, unregisterWipeable } from '../../entry/wipe-registry.ts';

/** A part of a request: text, or digits that may never become text. */
export type Piece = string | DigitBuffer;

const bytesOf = (piece: Piece): Uint8Array => (piece instanceof DigitBuffer ? piece.expose() : Buffer.from(piece));

export const lengthOf = (pieces: readonly Piece[]): number =>
  pieces.reduce((sum, piece) => sum + (piece instanceof DigitBuffer ? piece.length : Buffer.byteLength(piece)), 0);

/**
 * A whole request in one block of bytes of its own, so that it can be written with one call and wiped after it. Whoever
 * makes one disposes of it.
 */
export class RequestBytes implements Disposable {
  readonly bytes: Buffer;

  constructor(pieces: readonly Piece[]) {
    this.bytes = Buffer.alloc(lengthOf(pieces));
    registerWipeable(this);
    let at = 0;
    for (const piece of pieces) {
      this.bytes.set(bytesOf(piece), at);
      at += lengthOf([piece]);
    }
    assert(at === this.bytes.length);
  }

  wipe(): void {
    this.bytes.fill(0);
  }

  [Symbol.dispose](): void {
    this.wipe();
    unregisterWipeable(this);
  }
}
