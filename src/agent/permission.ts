/** What a token may allow (contract §5). */
export const permissions = [
  'calls.read',
  'payments.take',
  'payments.refund',
  'crm.control',
  'console.read',
  'console.drain',
] as const;
export type Permission = (typeof permissions)[number];

/** Commands of a payment are the agent's, or the CRM's that controls the panel (P-03, P-08). */
export const takePayments: readonly Permission[] = ['payments.take', 'crm.control'];

export const isPermission = (text: unknown): text is Permission => permissions.includes(text as Permission);
