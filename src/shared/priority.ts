import { readFileSync, writeFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';

/** How much before other programs a process of the gateway wants the processor. */
export const priorities = {
  /** Sound: a packet that waits is heard. */
  media: constants.priority.PRIORITY_HIGH,
  /** Signalling and agents: a key shows on the panel while the machine computes something else. */
  gateway: constants.priority.PRIORITY_ABOVE_NORMAL,
} as const;

/**
 * Asks for the processor before others, for this process and those that it starts from now on. Only a privileged process
 * may (CAP_SYS_NICE); else everything stays as it is.
 *
 * @param niceness −20 (first) to 19 (last), as of setpriority(2)
 */
export function askForPriority(niceness: number): void {
  try {
    setPriority(niceness);
    // Where Linux shares the processor out by sessions (sched(7), autogroups) the session's own niceness counts against
    // others. A session that somebody else began is theirs to weigh.
    if (leadsItsSession()) writeFileSync('/proc/self/autogroup', String(niceness));
  } catch {
    // No privilege, or no autogroups.
  }
}

/** /proc/self/stat (proc(5)): behind the name in brackets stand state, parent, process group and session. */
function leadsItsSession(): boolean {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  const session = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3];
  return session === String(process.pid);
}
