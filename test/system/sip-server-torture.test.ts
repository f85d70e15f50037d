import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tortureMessages } from '../support/torture-messages.ts';
import { TortureStage } from '../support/torture-stage.ts';
import { until } from '../unit/sip-server/two-servers.ts';

/*
 * The messages of RFC 4475 and RFC 5118, where a copy of them lies beside the repository, and those of the project. A thousand
 * rounds, and every point at which TCP can split them: `npm run torture:sip`.
 */
const messages = tortureMessages.map((message) => [message.name, message] as const);
/** Points of each message at which it is split here. */
const splits = 40;

let stage: TortureStage;

describe('the torture messages', () => {
  beforeAll(async () => {
    stage = await TortureStage.open();
  });

  afterAll(async () => {
    await until(() => stage.side.server.counts().connections === 0);
    expect(stage.side.server.counts().dialogs).toBe(0);
    await stage.close();
  });

  it.each(messages)('%s over UDP is answered as it should be, and so is an OPTIONS after it', async (_, message) => {
    await stage.overUdp(message);
  });

  it.each(messages)(
    '%s over TCP is answered as it should be wherever it is split, and so is an OPTIONS after it',
    async (_, message) => {
      const step = Math.max(1, message.bytes.length / splits);
      for (let at = 1; at < message.bytes.length; at += step) await stage.overTcp(message, Math.floor(at));
    },
  );
});
