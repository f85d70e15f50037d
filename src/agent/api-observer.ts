/** Why a socket was not or no longer served, for counting. */
export type SocketRefusal = 'origin' | 'token' | 'permission' | 'limit' | 'path' | 'protocol' | 'unavailable';

/** What the API tells of itself: names, counts, milliseconds; never a body, a header or a token. */
export interface ApiObserver {
  requestAnswered(route: string, status: number, ms: number): void;
  commandRefused(route: string, code: string): void;
  /** An exception of ours behind a 500: its class, and the lines of its stack without its message. */
  faulted(where: string, name: string, stack: readonly string[]): void;
  socketOpened(): void;
  socketClosed(code: number): void;
  upgradeRefused(reason: SocketRefusal): void;
  /** A reader was so slow that its events were gathered into one snapshot. */
  framesGathered(): void;
  /** A frame or an answer did not fit its schema and was kept back: a fault of ours. */
  keptBack(what: string): void;
}
