import { z } from 'zod';
import { CodedError } from '../../shared/coded-error.ts';
import { pspSchema } from '../../shared/psp-schema.ts';

/** Adapters that this build has, one file each in `providers/`. */
export const adapterNames = ['simulator', 'http', 'stripe', 'adyen'] as const;
export type AdapterName = (typeof adapterNames)[number];

/** One configured provider: the configuration's own shape, checked again on this side of the wall, for this build's adapters. */
const pspSettingsSchema = pspSchema.extend({ adapter: z.enum(adapterNames).default('simulator') });
export type PspSettings = z.output<typeof pspSettingsSchema>;

/** The providers of a gateway whose configuration names none: the simulator, and the same with other habits. */
const unconfigured: readonly z.input<typeof pspSettingsSchema>[] = [
  { id: 'simulator' },
  {
    id: 'simulator-token',
    label: { en: 'Simulator (token only)', ja: 'シミュレーター（トークン作成のみ）' },
    types: ['tokenise'],
  },
  {
    id: 'simulator-surcharge',
    label: { en: 'Simulator (with surcharge)', ja: 'シミュレーター（手数料あり）' },
    surcharge: { percent: 2 },
  },
];

/**
 * Reads `payments.psps`; an empty list is the simulators.
 * @throws {CodedError} `unknown-psp` at the first entry that is wrong, about its key: an adapter that this
 * build does not have, an id that stands twice, a value of the wrong kind.
 */
export function readPspSettings(entries: readonly unknown[]): PspSettings[] {
  const psps = (entries.length === 0 ? unconfigured : entries).map((entry, at) => {
    const read = pspSettingsSchema.safeParse(entry);
    if (read.success) return read.data;
    const issue = read.error.issues[0];
    const key = ['payments', 'psps', at, ...(issue?.path ?? [])].join('.');
    const what = issue?.path[0] === 'adapter' ? `this build has only ${adapterNames.join(', ')}` : issue?.message;
    throw new CodedError('unknown-psp', what, [key]);
  });
  const twice = psps.find(({ id }, at) => psps.findIndex((other) => other.id === id) !== at);
  if (twice !== undefined) throw new CodedError('unknown-psp', `${twice.id} stands twice`, ['payments.psps']);
  return psps;
}
