import type { Samples } from './samples.ts';

export interface Look {
  /** Wall clock in seconds, as the charts take it. */
  readonly at: number;
  readonly samples: Samples;
}

/** How much of the past the page shows; it keeps nothing beyond that, and nothing when it is closed. */
export const keptSeconds = 600;
/** Rates and latencies are of so long before each look. */
const windowSeconds = 60;

/** The last ten minutes of looks at the gateway, for rates and charts. */
export class LookBack {
  #looks: Look[] = [];

  add(look: Look): void {
    const last = this.#looks.at(-1);
    // A gateway that was restarted counts from zero: what was before says nothing about it.
    if (last !== undefined && restarted(last.samples, look.samples)) this.#looks = [];
    this.#looks = [...this.#looks.filter(({ at }) => at > look.at - keptSeconds), look];
  }

  get looks(): readonly Look[] {
    return this.#looks;
  }

  get last(): Look | undefined {
    return this.#looks.at(-1);
  }

  /** The look of a minute before, or the oldest there is; undefined for the oldest itself. */
  before(look: Look): Look | undefined {
    const earlier = this.#looks.filter(({ at }) => at < look.at);
    return earlier.findLast(({ at }) => at <= look.at - windowSeconds) ?? earlier[0];
  }

  /** One point a look: what `read` makes of it and of the one a minute before. */
  series(read: (look: Look, before: Look | undefined) => number | null): (number | null)[] {
    return this.#looks.map((look) => read(look, this.before(look)));
  }
}

/** How much a counter has grown between two looks, for each minute. */
export function perMinute(
  look: Look,
  before: Look | undefined,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | null {
  if (before === undefined) return null;
  const grown = look.samples.sum(name, labels) - before.samples.sum(name, labels);
  return (grown * 60) / (look.at - before.at);
}

function restarted(before: Samples, now: Samples): boolean {
  return ['calls_total', 'captures_total', 'payments_total', 'rtp_packets_total'].some(
    (name) => now.sum(name) < before.sum(name),
  );
}
