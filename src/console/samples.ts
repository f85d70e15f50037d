/** One value of the gateway's metrics, as `GET /v1/console` gives it. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** All values of one look at the gateway. */
export class Samples {
  readonly #byName = new Map<string, Sample[]>();

  constructor(samples: readonly Sample[]) {
    for (const sample of samples) {
      const known = this.#byName.get(sample.name);
      if (known === undefined) this.#byName.set(sample.name, [sample]);
      else known.push(sample);
    }
  }

  /** The lines of one metric that have these labels; the name without the prefix that all of ours have. */
  of(name: string, labels: Readonly<Record<string, string>> = {}): readonly Sample[] {
    const wanted = Object.entries(labels);
    const all = this.#byName.get(`tonelock_${name}`) ?? [];
    return all.filter((sample) => wanted.every(([label, word]) => sample.labels[label] === word));
  }

  /** Their sum; 0 where the metric has never been touched. */
  sum(name: string, labels: Readonly<Record<string, string>> = {}): number {
    return this.of(name, labels).reduce((sum, { value }) => sum + value, 0);
  }

  /** The words that a label has, in order. */
  words(name: string, label: string): string[] {
    return [...new Set(this.of(name).map(({ labels }) => labels[label] ?? ''))].sort();
  }
}

/**
 * A quantile of what a histogram took in between two looks, as Prometheus reckons it: linear within a bucket.
 * @returns null where nothing was taken in; the last finite bound for what lies above it.
 */
export function quantile(
  share: number,
  now: Samples,
  before: Samples | undefined,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | null {
  const bounds = new Map<number, number>();
  const add = (samples: Samples | undefined, sign: 1 | -1): void => {
    for (const sample of samples?.of(`${name}_bucket`, labels) ?? []) {
      const bound = sample.labels['le'] === '+Inf' ? Number.POSITIVE_INFINITY : Number(sample.labels['le']);
      bounds.set(bound, (bounds.get(bound) ?? 0) + sign * sample.value);
    }
  };
  add(now, 1);
  add(before, -1);
  return within(
    [...bounds].sort(([a], [b]) => a - b),
    share,
  );
}

/** @param buckets bounds with the number of values up to each. */
function within(buckets: readonly (readonly [number, number])[], share: number): number | null {
  const total = buckets.at(-1)?.[1] ?? 0;
  if (total <= 0) return null;
  const rank = share * total;
  let [low, below] = [0, 0];
  for (const [bound, count] of buckets) {
    if (count >= rank)
      return bound === Number.POSITIVE_INFINITY ? low : low + ((bound - low) * (rank - below)) / (count - below || 1);
    [low, below] = [bound, count];
  }
  return low;
}
