/** Something that holds digits and can forget them. */
export interface Wipeable {
  wipe(): void;
}

const live = new Set<Wipeable>();

export const registerWipeable = (one: Wipeable): void => void live.add(one);
export const unregisterWipeable = (one: Wipeable): void => void live.delete(one);

/** Wipes all that holds digits in this process. For the ends that come unasked: a lost gateway, a fault of ours. */
export function wipeEverything(): void {
  for (const one of live) one.wipe();
}

/** Holders of digits that nobody has put away yet: zero when there is no call. */
export const liveWipeables = (): number => live.size;
