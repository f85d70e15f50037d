import { type Finding, fault, fine, warning } from './finding.ts';

/** What of the machine is looked at: texts of proc(5), and what its clock's keeper says. Undefined where there is none. */
export interface MachineFacts {
  /** /proc/self/limits */
  readonly limits: string | undefined;
  /** /proc/sys/kernel/core_pattern */
  readonly corePattern: string | undefined;
  /** /proc/swaps */
  readonly swaps: string | undefined;
  /** memory.swap.max of this process's group (cgroup v2). */
  readonly swapMax: string | undefined;
  /** Whether the clock is kept by NTP; undefined where nobody can say. */
  readonly clockKept: boolean | undefined;
  /** Node's options that reach every process. */
  readonly nodeOptions: string;
}

/** RTP and RTCP of two legs. */
const socketsPerCall = 4;
/** SIP, HTTP, pipes, files. */
const otherFiles = 500;

export function checkMachine(facts: MachineFacts, calls: number, ownSockets: boolean): Finding[] {
  return [
    files(facts.limits, ownSockets ? calls * socketsPerCall + otherFiles : otherFiles),
    coreDumps(facts.limits, facts.corePattern),
    swap(facts.swaps, facts.swapMax),
    clock(facts.clockKept),
    node(facts.nodeOptions),
  ];
}

function files(limits: string | undefined, needed: number): Finding {
  const about = 'open files';
  const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(limits ?? '')?.[1];
  if (hard === undefined) return warning(about, 'the limit cannot be read', 'check `ulimit -Hn` yourself');
  if (hard === 'unlimited' || Number(hard) >= needed) return fine(about, `${hard}, and ${needed} are needed`);
  return fault(
    about,
    `${hard}, and ${needed} are needed for limits.calls`,
    `LimitNOFILE=${needed} in the unit, or fewer calls`,
  );
}

function coreDumps(limits: string | undefined, pattern: string | undefined): Finding {
  const about = 'core dumps';
  const hard = /^Max core file size\s+\S+\s+(\S+)/m.exec(limits ?? '')?.[1];
  if (hard === '0') return fine(about, 'forbidden');
  // core(5): a pipe gets the dump whatever the limit says, but for a limit of 1.
  const piped = pattern?.startsWith('|') === true;
  const remedy = 'LimitCORE=0 in the unit (the walled room forbids its own in any case)';
  return piped
    ? warning(
        about,
        'are handed to a program, which limits do not hold back',
        'sysctl kernel.core_pattern=core, and LimitCORE=0',
      )
    : warning(about, 'the gateway process may leave them', remedy);
}

function swap(swaps: string | undefined, max: string | undefined): Finding {
  const about = 'swap';
  const areas = (swaps ?? '')
    .split('\n')
    .slice(1)
    .filter((line) => line.trim() !== '');
  if (areas.length === 0) return fine(about, 'none');
  if (max?.trim() === '0') return fine(about, 'forbidden to this group of processes');
  // Names like /dev/zram0 and /dev/dm-0: the one is memory, the other may be encrypted.
  if (areas.every((line) => /^\/dev\/zram/.test(line))) return fine(about, 'in memory only (zram)');
  return warning(
    about,
    `${areas.length} area(s): keyed digits may reach a disk`,
    'MemorySwapMax=0 in the unit, or an encrypted swap',
  );
}

function clock(kept: boolean | undefined): Finding {
  const about = 'clock';
  if (kept === true) return fine(about, 'kept by NTP');
  const remedy =
    'install chrony or systemd-timesyncd: tokens, certificates and evidence go by the clock (PCI DSS 10.6)';
  return kept === false
    ? fault(about, 'not kept by NTP', remedy)
    : warning(about, 'nobody can say whether it is kept by NTP', remedy);
}

function node(options: string): Finding {
  const about = 'Node options';
  const watched = /--(?:inspect|heap|cpu-prof|report|trace|prof)\S*/.exec(options)?.[0];
  return watched === undefined
    ? fine(about, 'nothing that looks into processes')
    : fault(about, `NODE_OPTIONS has ${watched}`, 'unset it: what it writes may hold card numbers');
}
