import { type Finding, fault, fine, warning } from './finding.ts';

/** Evidence of several gateways is put in order by their clocks, and frames and tokens go by them. */
const noticedMs = 1_000;
/** Half of what a request of another gateway may be old (`message-late`). */
const dangerousMs = 15_000;

/** The clock of a server against ours. */
export function clockAgainst(about: string, aheadMs: number): Finding {
  const by = Math.abs(aheadMs);
  const found = `its clock and this one differ by ${by < noticedMs ? `${by} ms` : `${(by / 1000).toFixed(1)} s`}`;
  const remedy = 'NTP on both (chrony or systemd-timesyncd)';
  if (by < noticedMs) return fine(about, found);
  return by < dangerousMs ? warning(about, found, remedy) : fault(about, found, remedy);
}
