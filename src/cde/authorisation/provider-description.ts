import { type PaymentType, type PspDescription, type PspField, paymentTypes } from '../messages.ts';
import type { PspSettings } from './psp-settings.ts';

const paying: PaymentType[] = ['charge', 'authorise'];
const every: PaymentType[] = [...paymentTypes];

const field = (
  name: string,
  kind: PspField['kind'],
  label: PspField['label'],
  about: Partial<PspField> = {},
): PspField => ({ name, label, kind, required: false, choices: [], types: every, prefill: null, ...about });

/** In the order of the seed (P-24…P-29): the order in which a panel shows them. */
const baseFields: readonly PspField[] = [
  field('amount', 'amount', { en: 'Amount', ja: '取引金額' }, { required: true, types: paying }),
  field('cardholder', 'text', { en: 'Cardholder name', ja: 'カード名義人' }),
  field('reference', 'text', { en: 'Reference number', ja: '参照番号' }),
  field('issueNumber', 'text', { en: 'Issue number', ja: '発行番号' }),
  field('startDate', 'date', { en: 'Start date', ja: '有効期間開始日' }),
  field('expiry', 'date', { en: 'Expiry date', ja: '有効期限' }, { required: true }),
];

const baseCurrencies = ['JPY', 'USD', 'EUR', 'GBP', 'AUD', 'CAD', 'CHF', 'CNY', 'KRW', 'SGD', 'KWD'];

/** What an adapter can do by itself; the settings narrow it. */
export interface AdapterAbility {
  readonly label: PspDescription['label'];
  readonly types: readonly PaymentType[];
  readonly can: PspDescription['can'];
  readonly idempotency: PspDescription['idempotency'];
}

/** A provider as it describes itself, narrowed, labelled and extended by the settings. */
export function describeProvider(psp: PspSettings, { label, types, can, idempotency }: AdapterAbility): PspDescription {
  return {
    id: psp.id,
    label: typeof psp.label === 'string' ? { en: psp.label, ja: psp.label } : (psp.label ?? label),
    currencies: psp.currencies ?? baseCurrencies,
    types: types.filter((type) => psp.types?.includes(type) ?? true),
    fields: withConfigured(psp.fields ?? []),
    needsCvc: psp.needsCvc,
    can,
    idempotency,
    timeOut: { seconds: psp.timeoutSeconds, resolvedBy: can.enquire ? 'enquiries' : 'nobody' },
  };
}

/** A configured field changes the one of its name, or stands after them; what the provider cannot do without stays required. */
function withConfigured(configured: NonNullable<PspSettings['fields']>): PspField[] {
  const fields = [...baseFields];
  for (const one of configured) {
    const at = fields.findIndex(({ name }) => name === one.name);
    const base = fields[at] ?? field(one.name, one.kind, { en: one.name, ja: one.name });
    const changed: PspField = {
      ...base,
      label: one.label ?? base.label,
      kind: at >= 0 && one.kind === 'text' ? base.kind : one.kind,
      required: base.required || one.required,
      choices: one.choices ?? base.choices,
      prefill: one.prefill ?? base.prefill,
    };
    if (at >= 0) fields[at] = changed;
    else fields.push(changed);
  }
  return fields;
}
