import type { ConfigFault } from '../config/config-fault.ts';

/** The gateway cannot start with this configuration on this machine; `key` says which setting to look at. */
export class StartFault extends Error implements ConfigFault {
  override readonly name = 'StartFault';
  readonly key: string;

  constructor(key: string, message: string) {
    super(message);
    this.key = key;
  }
}

/** Gives what a start step throws the name of the setting that it belongs to. */
export async function underKey<T>(key: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (error instanceof StartFault) throw error;
    throw new StartFault(key, error instanceof Error ? error.message : 'cannot start');
  }
}
