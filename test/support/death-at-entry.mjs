import { open } from 'node:fs/promises';
import pg from 'pg';

/*
 * Loaded into a gateway before its own code (`--import`). The process kills itself with SIGKILL in the very moment in which
 * the first entry of the kind in TONELOCK_TEST_DIES_AFTER has become safe: its file's fsync has come back, or the database's
 * answer, and none of the gateway's own code has run since.
 */

const kind = process.env['TONELOCK_TEST_DIES_AFTER'];
const wanted = `"body":{"kind":"${kind}"`;
const die = () => process.kill(process.pid, 'SIGKILL');

const some = await open('/dev/null');
const files = Object.getPrototypeOf(some);
await some.close();
const { write, datasync } = files;
const holding = new WeakSet();

files.write = function (bytes, ...where) {
  if (Buffer.isBuffer(bytes) && bytes.includes(wanted)) holding.add(this);
  return write.call(this, bytes, ...where);
};

files.datasync = async function () {
  await datasync.call(this);
  if (holding.has(this)) die();
};

const { query } = pg.Client.prototype;
pg.Client.prototype.query = async function (text, values) {
  const result = await query.call(this, text, values);
  const lines = (values ?? []).filter(Array.isArray).flat();
  if (lines.some((line) => typeof line === 'string' && line.includes(wanted))) die();
  return result;
};
