import { z } from 'zod';
import { srtpPolicies } from '../shared/srtp-policy.ts';

const srtpPolicy = z.enum(srtpPolicies);
const host = z.string().min(1).max(255);
const address = z.strictObject({ host, port: z.number().int().min(0).max(65_535) });
const server = address.extend({ secret: z.string().min(1).max(255) });

/**
 * What the gateway tells the room once, when it opens it. Secrets of payment providers come to it by its own environment;
 * those of the servers that it speaks to for its media stand here, since the gateway has them and took them out of there.
 */
export const roomSettingsSchema = z.strictObject({
  media: z.strictObject({
    engine: z.enum(['embedded', 'freeswitch', 'rtpengine']),
    /** How the embedded engine speaks to the network, and in how many processes. */
    io: z.enum(['auto', 'epoll', 'dgram']),
    processes: z.number().int().min(1),
    address: host,
    /** The address for SDP where it differs from the one bound (NAT). */
    advertisedAddress: host.nullable(),
    /** Inclusive range; RTP on the even port, RTCP on the next. */
    ports: z.tuple([z.number().int(), z.number().int()]),
    sourcePolicy: z.enum(['strict', 'learnOnce', 'off']),
    lossMs: z.strictObject({ first: z.number(), running: z.number(), held: z.number() }),
    portQuarantineMs: z.number(),
    /** Whether a leg must, may or must not be encrypted. */
    srtp: z.strictObject({ caller: srtpPolicy, agent: srtpPolicy }),
    /** The daemons' control addresses, and where they send the copies of customers' streams. */
    rtpengine: z.strictObject({ control: z.array(address).min(1), events: address }).optional(),
    /** The servers' event sockets, where each connects to, and by which SIP servers INVITEs go to them. */
    freeswitch: z
      .strictObject({
        servers: z.array(server.extend({ profile: z.string().min(1).max(64), listen: address })).min(1),
        sip: z.array(server).min(1),
      })
      .optional(),
  }),
  secureAudio: z.enum(['mute', 'agentTalks', 'masked']),
  betweenCaptures: z.enum(['pass', 'drop']),
  lookBackMs: z.number().int(),
  fill: z.enum(['silence', 'tone', 'noise']),
  onLeak: z.enum(['report', 'stop']),
  keepPanAfterDecline: z.boolean(),
  maxCalls: z.number().int().positive(),
  psps: z.array(z.unknown()),
});
export type RoomSettings = z.output<typeof roomSettingsSchema>;
