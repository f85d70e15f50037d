import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AppDialog, type AppRequest, type AppResponse, once, sdp, until } from '../unit/sip-server/two-servers.ts';
import { RealLine, stacks } from '../unit/telephony/real-line.ts';

let line: RealLine;

interface Telephone {
  readonly request: AppRequest;
  readonly dialog: AppDialog;
}

/** Telephones of agents that answer at once: their calls in the order of their answers. */
function answering(): Telephone[] {
  const telephones: Telephone[] = [];
  line.agents.app.invite((request, response) => {
    void line.agents.app.createUAS(request, response, { localSdp: sdp(4000) }).then((dialog) => {
      telephones.push({ request, dialog });
    });
  });
  return telephones;
}

const over = (dialog: AppDialog): Promise<unknown> => once((listener) => dialog.on('destroy', listener as never));

describe.each(stacks)('calls by the %s stack', (stack) => {
  beforeEach(async () => {
    line = await RealLine.open(stack);
  });

  afterEach(() => line.close());

  describe('an attended transfer with the consultation through us', () => {
    it('asks the colleague to replace the consultation, and the customer stays on the same call', async () => {
      const telephones = answering();
      const customer = await line.customers.app.createUAC(line.uri('1001'), { localSdp: sdp(3000) });
      await until(() => telephones.length === 1);
      const consultation = await line.agents.app.createUAC(line.uri('1002'), {
        localSdp: sdp(3002),
        headers: { From: '<sip:1001@localhost>' },
      });
      await until(() => line.told.length === 2);
      const [first, second] = telephones as [Telephone, Telephone];
      const heard: string[] = [];
      first.dialog.on('notify', (request, response) => {
        heard.push(request.body.trim());
        response.send(200);
      });
      const ended = Promise.all([over(first.dialog), over(consultation)]);
      const { callId, localTag, remoteTag } = consultation.sip;
      const replaces = encodeURIComponent(`${callId};to-tag=${remoteTag};from-tag=${localTag}`);
      const accepted = await first.dialog.request({
        method: 'REFER',
        headers: { 'Refer-To': `<sip:1002@127.0.0.1?Replaces=${replaces}>`, 'Referred-By': '<sip:1001@localhost>' },
      });
      expect(accepted.status).toBe(202);
      await until(() => telephones.length === 3);
      const third = telephones[2] as Telephone;
      // The name by which the colleague's telephone knows the consultation.
      const known = second.dialog.sip;
      expect(third.request.get('Replaces')).toBe(
        `${known.callId};to-tag=${known.localTag};from-tag=${known.remoteTag}`,
      );
      await second.dialog.destroy();
      await ended;
      await until(() => line.told.length === 4);
      expect(line.told).toContain('transferred from 1001 to 1002');
      expect(heard).toEqual(['SIP/2.0 100 Trying', 'SIP/2.0 200 OK']);
      expect(line.registry.size).toBe(1);
      const last = over(customer);
      await third.dialog.destroy();
      await last;
      await until(() => line.registry.size === 0 && line.dialogs === 0);
    });
  });

  describe('reliable provisional answers (RFC 3262)', () => {
    it.each([
      ['both sides', { Supported: '100rel' }, true],
      ['the caller alone', { Supported: '100rel' }, false],
      ['the caller, who insists', { Require: '100rel' }, false],
      ['the called one alone', {}, true],
    ])('are used on the leg of %s, early media goes through, and the call stands', async (_, headers, reliably) => {
      let acknowledged = false;
      line.agents.app.invite((request, response) => {
        const early = { body: sdp(4000), headers: reliably ? { Require: '100rel' } : {} };
        const answer = (): void => void line.agents.app.createUAS(request, response, { localSdp: sdp(4000) });
        expect(request.get('Supported')).toContain('100rel');
        response.send(
          183,
          early,
          // Not before the library has seen it sent: it would take the ACK of the 200 for what acknowledges this.
          () => void (reliably || answer()),
          () => {
            acknowledged = true;
            answer();
          },
        );
      });
      const seen: [number, boolean][] = [];
      const dialog = await line.customers.app.createUAC(
        line.uri('1001'),
        { localSdp: sdp(3000), headers },
        {
          cbProvisional: (response: AppResponse) => seen.push([response.status, response.has('RSeq')]),
        },
      );
      expect(acknowledged).toBe(reliably);
      const wanted = 'Supported' in headers || 'Require' in headers;
      expect(seen.filter(([status]) => status === 183)).toEqual([[183, wanted]]);
      await until(() => line.told.includes('answered 1001'));
      await dialog.destroy();
      await until(() => line.registry.size === 0 && line.dialogs === 0);
    });
  });

  describe('a call without an offer (RFC 3264 §5)', () => {
    it('gets ours in the 200, and its answer comes with the ACK', async () => {
      answering();
      const created = line.customers.app.createUAC(line.uri('1001'), { localSdp: '', noAck: true });
      const { sdp: offer, ack } = (await created) as unknown as {
        sdp: string;
        ack(answer: string): Promise<AppDialog>;
      };
      expect(offer).toContain('m=audio 6000');
      const dialog = await ack(sdp(3000));
      await until(() => line.media.log.includes('acceptAnswer caller'));
      await dialog.destroy();
      await until(() => line.registry.size === 0);
      expect(line.media.log.filter((word) => word === 'endCall')).toHaveLength(1);
    });
  });

  describe('what crosses on the way', () => {
    async function standing(): Promise<{ customer: AppDialog; agent: AppDialog }> {
      const telephones = answering();
      const customer = await line.customers.app.createUAC(line.uri('1001'), { localSdp: sdp(3000) });
      await until(() => telephones.length === 1 && line.told.includes('answered 1001'));
      return { customer, agent: (telephones[0] as Telephone).dialog };
    }

    /** A re-INVITE by hand, to its final answer: the library's own never comes back from a refusal. */
    const reinvite = (dialog: AppDialog, port: number): Promise<AppResponse> =>
      new Promise((done, fail) => {
        const headers = { 'Content-Type': 'application/sdp', Contact: dialog.local.contact };
        const heard = (error: unknown, response: AppResponse): void => {
          if (error) fail(error);
          else if (response.status >= 200) done(response);
        };
        (dialog.request as (options: object, callback: typeof heard) => void).call(
          dialog,
          { method: 'INVITE', body: sdp(port), headers },
          heard,
        );
      });

    it('re-INVITEs of both sides at once: at least one is told to try again, nobody is cut off, and then both succeed', async () => {
      const { customer, agent } = await standing();
      for (const dialog of [customer, agent]) {
        dialog.on('modify', (_, response) => response.send(200, { body: sdp(5000) }));
      }
      const both = await Promise.all([reinvite(customer, 3010), reinvite(agent, 4010)]);
      expect(both.map(({ status }) => status)).toContain(491);
      expect(line.registry.size).toBe(1);
      for (const [dialog, port] of [
        [customer, 3012],
        [agent, 4012],
      ] as const) {
        expect((await reinvite(dialog, port)).status).toBe(200);
      }
      await customer.destroy();
      await until(() => line.registry.size === 0 && line.dialogs === 0);
    });

    it('a re-INVITE of one side and the BYE of the other: the call is over and nothing is left', async () => {
      const { customer, agent } = await standing();
      const ended = over(agent);
      const crossing = reinvite(agent, 4010).catch(() => undefined);
      await customer.destroy();
      await ended;
      await crossing;
      await until(() => line.registry.size === 0 && line.dialogs === 0);
    });

    it.each([0, 1, 2, 4, 8, 16])(
      'a CANCEL %i ms after the agent has answered: both telephones are free',
      async (ms) => {
        let answered: (() => void) | undefined;
        const agents: AppDialog[] = [];
        line.agents.app.invite((request, response) => {
          response.send(180);
          answered = () =>
            void line.agents.app
              .createUAS(request, response, { localSdp: sdp(4000) })
              .then((dialog) => agents.push(dialog))
              .catch(() => undefined);
        });
        let cancel: (() => void) | undefined;
        const progress = {
          cbRequest: (_: unknown, request: { cancel(): void }) => {
            cancel = () => request.cancel();
          },
        };
        const calling = line.customers.app.createUAC(line.uri('1001'), { localSdp: sdp(3000) }, progress);
        const outcome = calling.then(
          (dialog) => dialog.destroy().catch(() => undefined),
          () => undefined,
        );
        await until(() => answered !== undefined);
        answered?.();
        setTimeout(() => cancel?.(), ms);
        await outcome;
        await until(() => line.registry.size === 0 && line.dialogs === 0, 6_000);
        expect(line.told).not.toContain('fault');
        expect(line.agents.server.counts().dialogs).toBe(0);
        expect(agents.length).toBeLessThanOrEqual(1);
      },
    );
  });

  describe('OPTIONS', () => {
    it('is answered with what we serve (RFC 3261 §11.2)', async () => {
      const request = await line.customers.app.request(line.uri('gateway'), { method: 'OPTIONS' });
      const [response] = await once<[AppResponse]>((listener) => request.on('response', listener));
      expect(response.status).toBe(200);
      expect(response.get('Allow')).toContain('REFER');
      expect(response.get('Supported')).toContain('timer');
    });
  });
});
