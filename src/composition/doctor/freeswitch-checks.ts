import type { Config } from '../../config/config-schema.ts';
import type { Secrets } from '../../config/secrets.ts';
import { askFitness } from '../../shared/freeswitch-fitness.ts';
import { isLoopback } from '../../shared/listen-address.ts';
import { type Finding, fault, fine, warning } from './finding.ts';
import { secretCheck } from './secret-check.ts';

const answerMs = 3_000;

const remedies: Readonly<Record<string, string>> = {
  'no answer': 'start FreeSWITCH with mod_event_socket, or mend the address',
  'the secret is refused': 'the password of event_socket.conf.xml in TONELOCK_FREESWITCH_SECRET',
  'this address is refused': 'let its apply-inbound-acl admit this gateway',
};

/** Each FreeSWITCH: does it answer, does it write keys into its log, has it what calls need? */
export async function checkFreeswitch({ media }: Config, { freeswitch: secret }: Secrets): Promise<Finding[]> {
  if (media.engine !== 'freeswitch') return [];
  const servers = [media.freeswitch].flat();
  const findings = servers.map(async ({ address, port, profile }) => {
    const about = `media.freeswitch ${address}:${port}`;
    if (secret === undefined) return [];
    const faults = await askFitness({ host: address, port, secret }, profile, answerMs);
    return [...judged(about, faults), ...openLine(about, address)];
  });
  return [secretCheck('TONELOCK_FREESWITCH_SECRET', secret), ...(await Promise.all(findings)).flat()];
}

function judged(about: string, faults: readonly string[]): Finding[] {
  if (faults.length === 0) return [fine(about, 'answers, writes no key into its log, finds tones, has the profile')];
  return faults.map((text) => {
    const [found = text, ...rest] = text.split(': ');
    return fault(about, found, remedies[text] ?? (rest.join(': ') || 'see docker/freeswitch/freeswitch.xml'));
  });
}

/** mod_event_socket knows no TLS, and tells each key. */
const openLine = (about: string, address: string): Finding[] =>
  isLoopback(address)
    ? []
    : [
        warning(
          about,
          'its event socket tells keys in the clear',
          'a network that nobody else is on: it is in PCI scope',
        ),
      ];
