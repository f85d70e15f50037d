import { z } from 'zod';
import { mayTakePayments } from '../payment/actor.ts';
import { sayings } from '../shared/saying.ts';
import { type Route, route } from './route.ts';

const lines = z.partialRecord(z.enum(sayings), z.string());

const settings = {
  /** How calls are locked: what the panel says must be true of that. */
  audio: z.enum(['mute', 'agentTalks', 'masked']),
  /** Lines of the house's own, in place of the panel's; an empty one says nothing. */
  sayings: z.object({ en: lines, ja: lines }),
  /** The detail by the whole of which payments are looked for, as `payments.searchField` names it. */
  searchField: z.string().nullable(),
};
const panelSettingsSchema = z.object(settings);
export type PanelSettings = z.output<typeof panelSettingsSchema>;
/** Beside them: whether this agent may take payments (P-03). */
export const panelSchema = z.object({ ...settings, mayTakePayments: z.boolean() });

/** Asked for by every panel when it connects, wherever it stands. */
export function panelRoutes(panel: PanelSettings): Route[] {
  return [
    route({
      name: 'getPanel',
      method: 'GET',
      path: '/v1/panel',
      summary: 'What the panel of this agent may offer, and the lines to say that are not its own',
      permissions: ['calls.read'],
      status: 200,
      body: null,
      answer: panelSchema,
      run: ({ actor }) => ({ value: { ...panel, mayTakePayments: mayTakePayments(actor) } }),
    }),
  ];
}
