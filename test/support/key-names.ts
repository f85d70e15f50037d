/** The keys by their codes (RFC 4733 §3.2). */
export const keyNames = '0123456789*#ABCD';
