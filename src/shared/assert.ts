/**
 * States what our own code promises. Bare on purpose: `assert.equal` and friends write both values into the message, and
 * a value may be a digit.
 * @throws {AssertionFailure} when the condition does not hold; that is a fault of ours, never of a peer.
 */
export function assert(condition: unknown): asserts condition {
  if (condition !== true) throw new AssertionFailure();
}

export class AssertionFailure extends Error {
  override readonly name = 'AssertionFailure';
  constructor() {
    super('assertion failed');
  }
}

/** For the default branch of a switch over a closed union: the compiler proves that it is never reached. */
export function unreachable(_: never): never {
  throw new AssertionFailure();
}
