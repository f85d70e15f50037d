/** Which web pages may talk to this gateway. */
export class OriginPolicy {
  readonly #allowed: ReadonlySet<string>;

  constructor(allowedOrigins: readonly string[]) {
    this.#allowed = new Set(allowedOrigins.map((origin) => origin.toLowerCase().replace(/\/$/, '')));
  }

  /** Whether the page stands on the configured list, so that it gets CORS headers. */
  isListed(origin: string | undefined): origin is string {
    return origin !== undefined && this.#allowed.has(origin.toLowerCase());
  }

  /**
   * A program that is no browser sends no Origin and may come; a browser's page must be our own (its host is the one it
   * asked for) or listed. `null` (a sandboxed frame, a file) is neither.
   */
  admits(origin: string | undefined, host: string | undefined): boolean {
    if (origin === undefined || this.isListed(origin)) return true;
    return host !== undefined && URL.canParse(origin) && new URL(origin).host === host.toLowerCase();
  }
}
