import { z } from 'zod';

/** What a provider may be asked beside authorising; `partialRefund` means nothing without `refund`. */
export const pspOperations = ['enquire', 'void', 'refund', 'partialRefund'] as const;

/** One configured payment service provider. The adapter declares what it can; this narrows and labels it. */
export const pspSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]{1,40}$/, 'must be lower-case letters, digits and dashes'),
  adapter: z.enum(['simulator', 'http', 'stripe', 'adyen']).default('simulator'),
  label: z.union([z.string(), z.strictObject({ en: z.string(), ja: z.string() })]).optional(),
  currencies: z
    .array(z.string().regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code'))
    .min(1)
    .optional(),
  types: z
    .array(z.enum(['charge', 'authorise', 'tokenise']))
    .min(1)
    .optional(),
  fields: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[a-zA-Z][a-zA-Z0-9]{0,39}$/),
        label: z.strictObject({ en: z.string(), ja: z.string() }).optional(),
        kind: z.enum(['text', 'amount', 'date', 'choice']).default('text'),
        required: z.boolean().default(false),
        choices: z.array(z.string()).optional(),
        prefill: z.string().optional(),
      }),
    )
    .optional(),
  surcharge: z
    .strictObject({ percent: z.number().min(0).max(100).default(0), fixed: z.number().int().min(0).default(0) })
    .optional(),
  needsCvc: z.boolean().default(true),
  timeoutSeconds: z.number().positive().max(300).default(30),
  /** Where the provider is, for the adapters that reach one. */
  url: z.url().optional(),
  /** PEM files: who vouches for the provider, and who we are. */
  tls: z
    .strictObject({ ca: z.string().optional(), cert: z.string().optional(), key: z.string().optional() })
    .optional(),
  /** What the operator's own endpoint does beside taking payments (adapter http). */
  supports: z.array(z.enum(pspOperations)).default([...pspOperations]),
  /** The merchant account that payments are booked to (adapter adyen). */
  merchantAccount: z.string().min(1).optional(),
});

/** The environment variable with a provider's credential; `TONELOCK_PSP_<ID>_PASSPHRASE` opens its key file. */
export const pspSecretName = (id: string, what: 'SECRET' | 'PASSPHRASE'): string =>
  `TONELOCK_PSP_${id.toUpperCase().replaceAll('-', '_')}_${what}`;
