import type { MediaEngine } from '../../src/cde/media/media-engine.ts';
import type { ContractEngine, ContractSettings, EngineKind } from './contract-engines.ts';

/** One engine at a time under the contract's tests. */
export class ContractBench {
  readonly #kind: EngineKind;
  #running: ContractEngine | undefined;

  constructor(kind: EngineKind) {
    this.#kind = kind;
  }

  /** @returns false where what the engine needs is not installed. */
  async start(settings?: ContractSettings): Promise<boolean> {
    if (!this.#kind.here) return false;
    this.#running = await this.#kind.start(settings);
    return true;
  }

  async stop(): Promise<void> {
    await this.#running?.stop();
    this.#running = undefined;
  }

  /** Starts anew with other settings. */
  async restart(settings: ContractSettings): Promise<void> {
    await this.stop();
    await this.start(settings);
  }

  get running(): ContractEngine {
    if (this.#running === undefined) throw new Error('no engine runs');
    return this.#running;
  }

  get engine(): MediaEngine {
    return this.running.engine;
  }

  /** Codes of the keys that were reported, in order. */
  get keys(): number[] {
    return this.running.presses.map(({ key }) => key);
  }
}
