/** Secrets that stand in the public configuration files of the servers, and so are none. */
const defaultSecrets: ReadonlySet<string> = new Set(['cymru', 'ClueCon', 'JambonzR0ck$']);

export const isDefaultSecret = (secret: string): boolean => defaultSecrets.has(secret);
