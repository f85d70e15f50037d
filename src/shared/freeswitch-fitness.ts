import { askEventSocket, type EventSocketAddress } from './event-socket.ts';

/**
 * FreeSWITCH writes every key into its log: at INFO as it comes (`RECV DTMF`), at DEBUG on the way, and at WARNING where a key
 * is too long or too short. With ERR or less it writes none (read in 1.11: switch_channel.c, switch_core_io.c, switch_rtp.c).
 */
const quietLevelMax = 3;

/**
 * The question that is asked again and again while calls run: whether it is there, and still writes no key. Without a number
 * FreeSWITCH (1.10.4 to 1.11.3) takes the question for an order, switches its whole log off and says so; this number is -2 in
 * its 32 bits, which is no level, so that it changes nothing and tells the level that there is.
 */
export const levelQuestion = 'fsctl loglevel 4294967294';

/** What a FreeSWITCH is asked before it is given calls. The answers are judged in this order. */
const questions = [levelQuestion, 'global_getvar sensitive_dtmf', 'module_exists mod_spandsp', 'sofia status'];

/** `+OK log level: ERR [3]`; `DISABLE [-1]` where it logs nothing at all. */
export const logsNoKeys = (level: string): boolean =>
  Number(/\[(-?\d+)\]/.exec(level)?.[1] ?? Number.NaN) <= quietLevelMax;

/**
 * Why these answers are none of a server to which calls with card numbers may be given, with the remedy; none is good.
 * @param profile the SIP profile for our endpoints.
 */
export function unfitness(answers: readonly string[], profile: string): string[] {
  const [level = '', sensitive = '', tones = '', profiles = ''] = answers;
  const faults: string[] = [];
  if (!logsNoKeys(level))
    faults.push('it writes keys into its log: set loglevel in switch.conf.xml to err, or say `fsctl loglevel err`');
  if (sensitive === 'true')
    faults.push('it tells no keys: take its global variable sensitive_dtmf away, the log level does that work');
  if (tones !== 'true') faults.push('it finds no tones: load mod_spandsp');
  const runs = profiles
    .split('\n')
    .some((line) => line.trim().split(/\s+/)[0] === profile && /sip:mod_sofia@[\d.]+:\d+/.test(line));
  if (!runs) faults.push(`it has no SIP profile ${profile} on IPv4`);
  return faults;
}

/** Asks a server and judges it. @returns why it may not be used; where it could not be asked, why not. */
export async function askFitness(address: EventSocketAddress, profile: string, limitMs: number): Promise<string[]> {
  const result = await askEventSocket(address, questions, limitMs);
  return 'fault' in result ? [result.fault] : unfitness(result.answers, profile);
}
