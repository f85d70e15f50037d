/** Reasons that an application gets with `NOK`, in the words of drachtio-server where that has such words. */
export const unknownTransaction = 'Response not sent due to unknown transaction';
export const missingContentType = 'missing content-type';
