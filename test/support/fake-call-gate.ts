import type { CallGate, PayableCall } from '../../src/payment/call-gate.ts';
import { type CallId, newCallId } from '../../src/shared/ids.ts';
import { SerialQueue } from '../../src/shared/serial-queue.ts';

/** Calls of paper, with the interlock as a set. */
export class FakeCallGate implements CallGate {
  readonly calls = new Map<CallId, PayableCall>();
  readonly engaged = new Set<CallId>();

  add(agent: string, answered = true): PayableCall {
    const call = { id: newCallId(), agent, answered, queue: new SerialQueue() };
    this.calls.set(call.id, call);
    return call;
  }

  find(call: CallId): PayableCall | undefined {
    return this.calls.get(call);
  }

  engage(call: CallId): void {
    this.engaged.add(call);
  }

  disengage(call: CallId): void {
    this.engaged.delete(call);
  }

  transfer(call: CallId, agent: string): void {
    const now = this.calls.get(call);
    if (now !== undefined) this.calls.set(call, { ...now, agent });
  }

  end(call: CallId): void {
    this.calls.delete(call);
    this.engaged.delete(call);
  }
}
