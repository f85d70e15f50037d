/** An HTTP command that the server refused (RFC 9457), or that never reached it (`network`). */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: string;
  readonly status: number;

  constructor(code: string, status: number) {
    super(code);
    this.code = code;
    this.status = status;
  }
}

/** Why it was refused; empty for what is no refusal. */
export const codeOf = (error: unknown): string => (error instanceof Problem ? error.code : '');
