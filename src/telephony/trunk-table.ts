import { BlockList, isIP } from 'node:net';
import type { LegSide } from '../shared/leg-side.ts';
import type { SrtpPolicy } from '../shared/srtp-policy.ts';
import type { SipSource } from './sip-port.ts';

export interface Trunk {
  readonly name: string;
  readonly side: 'customer' | 'agent';
  /** CIDR (`192.0.2.0/24`) or address and port (`192.0.2.7:5060`). */
  readonly peers: readonly string[];
  /** Whether legs from and to it must, may or must not be encrypted; what is configured for every call unless told. */
  readonly srtp?: SrtpPolicy | undefined;
}

/** The leg that a call from this trunk becomes. */
export const legOf = (trunk: Trunk): LegSide => (trunk.side === 'customer' ? 'caller' : 'agent');

/** Strangers are asked for, too: they may not fill the memory. */
const foundMax = 1_000;

/** Who may send calls. An exact address and port wins over every network; among networks the first trunk wins. */
export class TrunkTable {
  readonly #exact = new Map<string, Trunk>();
  readonly #networks: { readonly list: BlockList; readonly trunk: Trunk }[] = [];
  /** By address: the networks that have it. The same few trunks are asked for again and again, and a BlockList is slow. */
  readonly #found = new Map<string, readonly Trunk[]>();

  constructor(trunks: readonly Trunk[]) {
    for (const trunk of trunks) {
      const list = new BlockList();
      for (const peer of trunk.peers) this.#add(peer, trunk, list);
      this.#networks.push({ list, trunk });
    }
  }

  /** `side`: among its trunks alone. @returns undefined for a source that belongs to no trunk. */
  find(source: SipSource, side?: Trunk['side']): Trunk | undefined {
    const address = plainAddress(source.address);
    const fits = (trunk: Trunk): boolean => side === undefined || trunk.side === side;
    const exact = this.#exact.get(`${address}:${source.port}`);
    if (exact !== undefined && fits(exact)) return exact;
    return this.#around(address).find(fits);
  }

  /** The trunk of that side whose peer a SIP URI names by its address; undefined for a name, which DNS alone could tell. */
  reachedBy(uri: string, side: Trunk['side']): Trunk | undefined {
    const [, host = '', port] = /^sips?:(?:[^@]*@)?(\[[^\]]+\]|[^:;?]+)(?::(\d{1,5}))?/i.exec(uri) ?? [];
    if (isIP(plainAddress(host)) === 0) return undefined;
    return this.find({ protocol: 'udp', address: host, port: Number(port ?? 5060) }, side);
  }

  #around(address: string): readonly Trunk[] {
    const known = this.#found.get(address);
    if (known !== undefined) return known;
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    const trunks = this.#networks.filter(({ list }) => list.check(address, family)).map(({ trunk }) => trunk);
    if (this.#found.size >= foundMax) this.#found.clear();
    this.#found.set(address, trunks);
    return trunks;
  }

  #add(peer: string, trunk: Trunk, list: BlockList): void {
    const slash = peer.lastIndexOf('/');
    if (slash < 0) {
      const colon = peer.lastIndexOf(':');
      this.#exact.set(`${plainAddress(peer.slice(0, colon))}:${peer.slice(colon + 1)}`, trunk);
      return;
    }
    const address = plainAddress(peer.slice(0, slash));
    list.addSubnet(address, Number(peer.slice(slash + 1)), isIP(address) === 6 ? 'ipv6' : 'ipv4');
  }
}

/** Without brackets, and an IPv4 address without the clothes of an IPv6 one (RFC 4291 §2.5.5.2). */
function plainAddress(address: string): string {
  const bare = address.replace(/^\[|\]$/g, '');
  return /^::ffff:\d+\.\d+\.\d+\.\d+$/i.test(bare) ? bare.slice(7) : bare;
}
