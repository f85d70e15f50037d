import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const folders = ['recipes', 'docker', 'sip-scenarios'];

/** Every file of ours that is to be given to `--config`. */
const configurations = folders.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /(?:^|\/)(?:tonelock|gateway|outbound)[^/]*\.yaml$/.test(name))
    .map((name) => join(folder, name)),
);

test('There are configurations to check', () => {
  expect(configurations.length).toBeGreaterThan(5);
});

test.each(configurations)('%s is sound', (file) => {
  const words = [join(root, 'dist', 'main.js'), '--config', join(root, file), '--check'];
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8', timeout: 60_000 });
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: 'the configuration is sound\n', stderr: '' });
});
