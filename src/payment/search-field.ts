import type { PspDescription } from './card-room.ts';

/**
 * The providers with the detail by which the organisation looks for its payments (S-07), a customer's number of the CRM for
 * one. Where a provider does not ask for it by itself it is the gateway's own, and the provider is not told.
 */
export function withSearchField(psps: readonly PspDescription[], name: string | null): readonly PspDescription[] {
  if (name === null) return psps;
  return psps.map((psp) => {
    if (psp.fields.some((field) => field.name === name)) return psp;
    const own: PspDescription['fields'][number] = {
      ...{ name, label: { en: name, ja: name }, kind: 'text', required: false },
      ...{ choices: [], types: psp.types, prefill: null, own: true },
    };
    return { ...psp, fields: [...psp.fields, own] };
  });
}
