import { isIP } from 'node:net';
import { z } from 'zod';
import { silentCodecs } from './silent-codec.ts';
import { suiteNames } from './srtp-suite.ts';

const address = z.string().refine((text) => isIP(text) !== 0);
const payloadType = z.number().int().min(0).max(127).nullable();
const port = z.number().int().min(1).max(65_535);
/** 32 bytes of key and 14 of salt, and no more. */
const masterKey = z.base64().max(64);
const identifier = z.hex().max(256);
const clockRate = z.number().int().min(8000).max(192_000);

/**
 * What a media process must know of one negotiated leg. `receive` is the payload type by which the peer sends to us (of our
 * description), `send` the one by which we send to it (of its description).
 */
export const legSettingsSchema = z.strictObject({
  remote: z.strictObject({ address, port, rtcpPort: port }).nullable(),
  /** RTCP shares the RTP port (RFC 5761). */
  mux: z.boolean(),
  /** Key and salt of either direction in base64, their identifiers in hex; null where the leg is not encrypted. */
  srtp: z
    .strictObject({
      suite: z.enum(suiteNames),
      send: masterKey,
      sendMki: identifier,
      receive: masterKey,
      receiveMki: identifier,
    })
    .nullable(),
  /** Whether the peer wants to hear, and whether it says that it will send. */
  listens: z.boolean(),
  talks: z.boolean(),
  ptimeMs: z.number().int().min(10).max(200),
  codecs: z
    .array(
      z.strictObject({
        /** Name, rate and channels: the same text on both legs is the same codec. */
        name: z.string().max(64),
        receive: payloadType,
        send: payloadType,
        clockRate,
        channels: z.number().int().min(1).max(2),
        silence: z.enum(silentCodecs).nullable(),
      }),
    )
    .max(32),
  events: z.array(z.strictObject({ receive: payloadType, send: payloadType, clockRate })).max(8),
  /** Payloads that wrap those above, with earlier ones (RFC 2198). They are only ever received. */
  redundant: z.array(z.strictObject({ receive: z.number().int().min(0).max(127), clockRate })).max(4),
});
export type LegSettings = z.output<typeof legSettingsSchema>;
/** What is the same for most legs. */
export type LegLists = Pick<LegSettings, 'codecs' | 'events' | 'redundant'>;
