import { z } from 'zod';

export const detailLengthLimit = 256;
export const detailsLimit = 64;

/**
 * What the agent typed or selected: the provider's field list says which names there are, and the desk checks them and
 * their values. null empties a field.
 */
export const detailsSchema = z
  .record(
    z.string().regex(/^[a-zA-Z][a-zA-Z0-9]{0,39}$/),
    z.union([z.string().max(detailLengthLimit), z.number(), z.null()]),
  )
  .refine((details) => Object.keys(details).length <= detailsLimit);
