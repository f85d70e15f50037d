import { socketAddressBytes } from './socket-address.ts';

/** What a socket notes: to what it is bound, where its packets go, from where the last one came. */
export const localAt = 0;
export const peerAt = socketAddressBytes;
export const fromAt = 2 * socketAddressBytes;
const slotBytes = 3 * socketAddressBytes;
const slotsInPage = 256;

/** Room for the addresses of one socket, from byte `at` on. */
export interface AddressSlot {
  readonly bytes: Buffer;
  readonly at: number;
}

/** The addresses of all sockets, many in one block of memory: a buffer of a few bytes costs more than two hundred. */
export class AddressBook {
  readonly #free: AddressSlot[] = [];

  take(): AddressSlot {
    const slot = this.#free.pop();
    if (slot !== undefined) return slot;
    const bytes = Buffer.alloc(slotsInPage * slotBytes);
    for (let at = 0; at < bytes.length; at += slotBytes) this.#free.push({ bytes, at });
    return this.take();
  }

  /** The slot may be another socket's from here on. */
  give(slot: AddressSlot): void {
    slot.bytes.fill(0, slot.at, slot.at + slotBytes);
    this.#free.push(slot);
  }
}
