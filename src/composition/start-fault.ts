import type { ConfigFault } from '../config/config-fault.ts';
import { CodedError } from '../shared/coded-error.ts';

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
    // A coded error may know the key better than the step that threw it.
    const about = error instanceof CodedError ? error.about[0] : undefined;
    throw new StartFault(about ?? key, error instanceof Error ? error.message : 'cannot start');
  }
}
