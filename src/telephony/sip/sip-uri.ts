/** The user part of a SIP or tel URI, unescaped; empty where there is none or where the escapes are broken. */
export function userOf(uri: string): string {
  const user = /^sips?:([^@:;?]*)(?::[^@]*)?@/i.exec(uri)?.[1] ?? /^tel:([^;]*)/i.exec(uri)?.[1] ?? '';
  try {
    return decodeURIComponent(user);
  } catch {
    return '';
  }
}
