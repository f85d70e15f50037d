import { userOf } from './sip-uri.ts';

/** Where a REFER points (RFC 3515 §2.1), and which dialog is to be replaced there (RFC 3891 §3), if any. */
export interface ReferTarget {
  readonly user: string;
  readonly replaces: string | null;
}

/** @returns undefined when the header holds no SIP URI with a user part. */
export function readReferTo(header: string): ReferTarget | undefined {
  const uri = /<([^>]*)>/.exec(header)?.[1] ?? header.split(';', 1)[0] ?? '';
  const user = userOf(uri.trim());
  if (user === '') return undefined;
  const headers = uri.split('?')[1]?.split('&') ?? [];
  const replaces = headers.find((part) => /^replaces=/i.test(part))?.slice('replaces='.length);
  try {
    return { user, replaces: replaces === undefined ? null : decodeURIComponent(replaces) };
  } catch {
    return undefined;
  }
}
