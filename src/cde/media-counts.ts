import { z } from 'zod';

/* What media are counted by, on both ways out of where they are counted. */

const count = z.number().int().min(0);

const legReport = z.strictObject({ received: count, sent: count, lost: count, jitterMs: z.number(), refused: count });
export const mediaReportSchema = z.strictObject({ caller: legReport, agent: legReport });
export const securedIntervalSchema = z.strictObject({
  ms: z.number(),
  audioSuppressed: count,
  eventsSuppressed: count,
  silenceSent: count,
  leaks: count,
});
