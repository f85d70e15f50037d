import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MainJob } from '../support/main-job.ts';

const root = join(import.meta.dirname, '..', '..');
const watched = ['grafana-dashboard.json', 'alerts.yaml']
  .map((name) => readFileSync(join(root, 'docker', name), 'utf8').replaceAll('\\"', '"'))
  .join('\n');
const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => readFileSync(join(root, 'src', name), 'utf8'))
  .join('\n');

let job: MainJob;
beforeAll(async () => {
  job = await MainJob.start();
});
afterAll(() => job?.stop());

test('Every metric that the board and the alerts look at is in /metrics of a gateway that runs', async () => {
  const text = await job.api().metrics();
  const there = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
  const named = [...watched.matchAll(/tonelock_[a-z0-9_]+/g)].map(([name]) => name.replace(/_bucket$/, ''));
  expect(named.length).toBeGreaterThan(20);
  expect([...new Set(named)].filter((name) => !there.has(name))).toEqual([]);
});

test('Every label that they pick out has that value somewhere in the gateway', () => {
  const picked = [...watched.matchAll(/(\w+)="([^"$]+)"/g)].flatMap(([, , value = '']) => value.split('|'));
  expect(picked.length).toBeGreaterThan(2);
  expect(picked.filter((value) => !sources.includes(`'${value}'`))).toEqual([]);
});
