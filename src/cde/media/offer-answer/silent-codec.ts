/** Codecs of which every engine can make silence. Nothing else is ever offered: a leg that cannot be silenced cannot be secured. */
export const silentCodecs = ['PCMU', 'PCMA', 'G722', 'G729', 'OPUS', 'L16'] as const;
export type SilentCodec = (typeof silentCodecs)[number];
