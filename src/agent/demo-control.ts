import { z } from 'zod';

export const demoStateSchema = z.object({
  customer: z.object({ state: z.enum(['idle', 'calling', 'talking']), callId: z.string().optional() }),
  agent: z.object({
    /** Whose panel opens beside the keypad. */
    name: z.string(),
    state: z.enum(['idle', 'talking']).optional(),
    /** What the agent's phone hears now. */
    ear: z.enum(['nothing', 'silence', 'voice', 'tone']).optional(),
    /** telephone-event packets that the agent's phone has received in this call. */
    eventPackets: z.number().int().optional(),
  }),
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
  press(key: string, way: 'events' | 'tones'): Promise<void>;
  /** What the agent's phone has heard after packet number `after`: μ-law at 8 kHz, base64, two seconds at most. */
  agentHears(after: number): { readonly last: number; readonly sound: string };
}
