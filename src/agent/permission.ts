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

export const isPermission = (text: unknown): text is Permission => permissions.includes(text as Permission);
