import { z } from 'zod';

export const demoStateSchema = z.object({
  customer: z.enum(['idle', 'calling', 'connected']),
  callId: z.string().nullable(),
  /** The demo agent's name, for whom the panel beside the keypad opens. */
  agent: z.string(),
});
export type DemoState = z.output<typeof demoStateSchema>;

/** The simulated customer behind `/demo/`. Rejections are `CodedError`s. */
export interface DemoControl {
  state(): DemoState;
  /** Places the customer's call; harmless while one stands. */
  call(): Promise<void>;
  /** Ends it; harmless when there is none. */
  hangUp(): Promise<void>;
  /** Sends one press as the customer's phone would. The key is forgotten once sent: never stored, logged or echoed. */
  press(key: string): Promise<void>;
}
