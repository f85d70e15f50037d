/** Flags that let somebody look into the memory of the process, or write it down. */
const lookingFlags = /--(inspect|heap|prof|cpu-prof|report|diagnostic-dir|trace|debug|expose[-_]gc|abort-on-uncaught)/;

/**
 * Whether the process was started so that its memory can be read: by flags of its own or of the environment, or with its
 * coverage written to files.
 */
export function isWatched(execArgv: readonly string[], env: NodeJS.ProcessEnv): boolean {
  const flags = [...execArgv, env['NODE_OPTIONS'] ?? ''];
  return flags.some((flag) => lookingFlags.test(flag)) || env['NODE_V8_COVERAGE'] !== undefined;
}

/** Signals that the room outlives: it ends when the gateway says so or is gone, after the calls that still run. */
const outlived: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Shuts what Node leaves open by itself: SIGUSR1 starts the inspector unless somebody listens to it. */
export function harden(target: NodeJS.Process): void {
  target.on('SIGUSR1', () => {});
  for (const signal of outlived) target.on(signal, () => {});
}
