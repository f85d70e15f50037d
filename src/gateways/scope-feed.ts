import type { Feed, Follower } from '../agent/audience.ts';
import { EventLog } from '../agent/event-log.ts';
import { frameOf, type HeldCall } from './bus-entry.ts';
import type { Numbered } from './scope-machine.ts';

/** What this gateway keeps of one scope: its last frames, its calls on all gateways, and who follows it here. */
export class ScopeFeed implements Feed {
  readonly followers = new Set<Follower>();
  readonly #calls = new Map<string, HeldCall>();
  #log = new EventLog(0);

  get seq(): number {
    return this.#log.seq;
  }

  get calls(): HeldCall[] {
    return [...this.#calls.values()];
  }

  after(seq: number): string[] | undefined {
    return this.#log.after(seq);
  }

  /** @param entries those that led up to `seq`. @param calls undefined leaves them as they are. */
  begin(seq: number, entries: readonly Numbered[], calls: readonly HeldCall[] | undefined): void {
    this.#log = new EventLog(seq - entries.length);
    for (const entry of entries) this.#keep(entry);
    if (calls === undefined) return;
    this.#calls.clear();
    for (const held of calls) this.#calls.set(held.call.callId, held);
  }

  /** @returns false when it could not be read: followers miss it then. */
  take(numbered: Numbered): boolean {
    const { entry } = numbered;
    if (entry?.held === null) this.#calls.delete(entry.callId);
    else if (entry?.held !== undefined) this.#calls.set(entry.callId, entry.held);
    const frame = this.#keep(numbered);
    if (frame === undefined) return false;
    for (const follower of this.followers) follower.deliver(frame);
    return true;
  }

  refresh(): void {
    for (const follower of this.followers) follower.refresh();
  }

  /** What cannot be read has its number all the same; nobody can be given what was before it without a gap. */
  #keep({ seq, entry }: Numbered): string | undefined {
    const frame = entry === undefined ? undefined : this.#log.append((next) => frameOf(entry, next));
    if (frame === undefined) this.#log = new EventLog(seq);
    return frame;
  }
}
