/** Suites of RFC 4568 §6.2 and RFC 7714 §14.2, the strongest first: our own offers name them in this order. */
export const suiteNames = [
  'AEAD_AES_256_GCM',
  'AEAD_AES_128_GCM',
  'AES_CM_128_HMAC_SHA1_80',
  'AES_CM_128_HMAC_SHA1_32',
] as const;
export type SuiteName = (typeof suiteNames)[number];

export interface Suite {
  readonly keyBytes: number;
  readonly saltBytes: number;
  /** Length of the tag that proves a packet; that of RTCP is never shortened (RFC 4568 §6.2.2). */
  readonly tagBytes: number;
  readonly controlTagBytes: number;
  /** Node's names: of the cipher that derives keys, and of the one that does the packets where it also proves them. */
  readonly counterMode: 'aes-128-ctr' | 'aes-256-ctr';
  readonly aead: 'aes-128-gcm' | 'aes-256-gcm' | null;
}

const plain = { keyBytes: 16, saltBytes: 14, controlTagBytes: 10, counterMode: 'aes-128-ctr', aead: null } as const;
const proven = { saltBytes: 12, tagBytes: 16, controlTagBytes: 16 } as const;

export const suites: Readonly<Record<SuiteName, Suite>> = {
  AEAD_AES_256_GCM: { ...proven, keyBytes: 32, counterMode: 'aes-256-ctr', aead: 'aes-256-gcm' },
  AEAD_AES_128_GCM: { ...proven, keyBytes: 16, counterMode: 'aes-128-ctr', aead: 'aes-128-gcm' },
  AES_CM_128_HMAC_SHA1_80: { ...plain, tagBytes: 10 },
  AES_CM_128_HMAC_SHA1_32: { ...plain, tagBytes: 4 },
};

/** Bytes of a master key and its salt, as they stand in a description. */
export const masterBytes = (name: SuiteName): number => suites[name].keyBytes + suites[name].saltBytes;
