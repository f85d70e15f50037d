import { expect, test } from 'vitest';
import { keptSeconds, LookBack, perMinute } from '../../../src/console/look-back.ts';
import { quantile, type Sample, Samples } from '../../../src/console/samples.ts';

const sample = (name: string, value: number, labels: Record<string, string> = {}): Sample => ({
  name: `tonelock_${name}`,
  labels,
  value,
});

/** A histogram with bounds of 1, 2 and 4 seconds, by how many values stand up to each. */
const histogram = (one: number, two: number, four: number, all = four): Samples =>
  new Samples([
    sample('psp_seconds_bucket', one, { le: '1', psp: 'a' }),
    sample('psp_seconds_bucket', two, { le: '2', psp: 'a' }),
    sample('psp_seconds_bucket', four, { le: '4', psp: 'a' }),
    sample('psp_seconds_bucket', all, { le: '+Inf', psp: 'a' }),
  ]);

test('values are summed by the labels that are asked for', () => {
  const samples = new Samples([
    sample('captures_total', 3, { field: 'pan', outcome: 'completed' }),
    sample('captures_total', 2, { field: 'cvc', outcome: 'completed' }),
    sample('captures_total', 1, { field: 'pan', outcome: 'too-short' }),
  ]);
  expect(samples.sum('captures_total')).toBe(6);
  expect(samples.sum('captures_total', { outcome: 'completed' })).toBe(5);
  expect(samples.sum('captures_total', { field: 'expiry' })).toBe(0);
  expect(samples.words('captures_total', 'outcome')).toEqual(['completed', 'too-short']);
});

test.each([
  ['half of ten that took up to a second', 0.5, histogram(10, 10, 10), undefined, 0.5],
  ['half of ten, evenly in two buckets', 0.5, histogram(5, 10, 10), undefined, 1],
  ['95 % of a hundred with a slow tenth', 0.95, histogram(90, 90, 100), undefined, 3],
  ['what lies above every bound', 0.95, histogram(0, 0, 0, 10), undefined, 4],
  ['nothing', 0.5, histogram(0, 0, 0), undefined, null],
  ['only what came since the last look', 0.5, histogram(10, 10, 20), histogram(10, 10, 10), 3],
])('the quantile of %s', (_, share, now, before, wanted) => {
  expect(quantile(share, now, before, 'psp_seconds')).toBe(wanted);
});

test('rates are by the minute, and looks older than ten minutes are forgotten', () => {
  const past = new LookBack();
  for (let at = 0; at <= 1000; at += 10) past.add({ at, samples: new Samples([sample('calls_total', at)]) });
  expect(past.looks[0]?.at).toBeGreaterThan(1000 - keptSeconds);
  const last = past.last;
  expect(last && perMinute(last, past.before(last), 'calls_total')).toBe(60);
  expect(past.series((look, before) => perMinute(look, before, 'calls_total'))[0]).toBeNull();
});

test('a gateway that was restarted begins a new past', () => {
  const past = new LookBack();
  past.add({ at: 1, samples: new Samples([sample('calls_total', 500)]) });
  past.add({ at: 2, samples: new Samples([sample('calls_total', 1)]) });
  expect(past.looks).toHaveLength(1);
});
