/** What a single message may be. Past any of these it is refused, never cut. */
export interface MessageLimits {
  /** Start line and headers together. */
  readonly headBytes: number;
  readonly headers: number;
  readonly bodyBytes: number;
}

/** 64 KiB is what a UDP datagram can bring; the longest head seen from real trunks is below 8 KiB. */
export const defaultMessageLimits: MessageLimits = { headBytes: 32_768, headers: 256, bodyBytes: 65_536 };
