import { tagOf } from '../message/name-address.ts';
import { ownText } from '../message/own-text.ts';
import { headerOf, type SipRequest, type SipResponse } from '../message/sip-message.ts';
import type { Dialog } from './dialog.ts';

/** All dialogs, found by the tags that peers use and by the ids that applications use. */
export class DialogTable<Owner> {
  readonly #byTags = new Map<string, Dialog<Owner>>();
  /** Early dialogs of one INVITE share the id: the protocol of applications knows no branches. */
  readonly #byId = new Map<string, Dialog<Owner>[]>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#byTags.size;
  }

  get isFull(): boolean {
    return this.#byTags.size >= this.#limit;
  }

  *[Symbol.iterator](): Iterator<Dialog<Owner>> {
    yield* this.#byTags.values();
  }

  add(dialog: Dialog<Owner>): void {
    const key = ownText(keyOf(dialog.state.callId, dialog.state.localTag, dialog.state.remoteTag));
    const old = this.#byTags.get(key);
    if (old !== undefined) this.remove(old);
    this.#byTags.set(key, dialog);
    this.#byId.set(dialog.id, [...(this.#byId.get(dialog.id) ?? []), dialog]);
  }

  /** Forgets the dialog and everything in it that waits; harmless when called twice. */
  remove(dialog: Dialog<Owner>): void {
    dialog.dispose();
    const key = keyOf(dialog.state.callId, dialog.state.localTag, dialog.state.remoteTag);
    if (this.#byTags.get(key) !== dialog) return;
    this.#byTags.delete(key);
    const others = (this.#byId.get(dialog.id) ?? []).filter((other) => other !== dialog);
    if (others.length === 0) this.#byId.delete(dialog.id);
    else this.#byId.set(dialog.id, others);
  }

  /** The dialog that an application means: the confirmed one, else the early one that came last. */
  byId(id: string): Dialog<Owner> | undefined {
    const dialogs = this.#byId.get(id) ?? [];
    return dialogs.findLast((dialog) => dialog.confirmed) ?? dialogs.at(-1);
  }

  /** The dialog that a request of a peer belongs to (RFC 3261 §12.2.2). */
  of(request: SipRequest): Dialog<Owner> | undefined {
    const local = tagOf(headerOf(request, 'To'));
    if (local === undefined) return undefined;
    return this.#byTags.get(keyOf(headerOf(request, 'Call-ID') ?? '', local, tagOf(headerOf(request, 'From')) ?? ''));
  }

  /** The dialog that a 2xx of a peer belongs to. */
  answeredBy(response: Pick<SipResponse, 'headers'>): Dialog<Owner> | undefined {
    const local = tagOf(headerOf(response, 'From')) ?? '';
    return this.#byTags.get(keyOf(headerOf(response, 'Call-ID') ?? '', local, tagOf(headerOf(response, 'To')) ?? ''));
  }

  clear(): void {
    for (const dialog of [...this.#byTags.values()]) this.remove(dialog);
  }
}

const keyOf = (callId: string, localTag: string, remoteTag: string): string => `${callId}|${localTag}|${remoteTag}`;
