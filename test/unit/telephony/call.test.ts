import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FakeLine, FakeResponder, sdp } from './fake-line.ts';

describe('a call', () => {
  it('goes from INVITE to answer with our own descriptions on both legs', async () => {
    const line = new FakeLine();
    await line.establish();
    expect(line.media.log).toEqual([
      'createCall',
      'acceptOffer caller',
      'describeOffer agent',
      'acceptAnswer agent',
      'describeAnswer caller',
    ]);
    expect(line.dialling.target.sdp).toBe('offer for agent');
    expect(line.invite.responses).toEqual(['180', '200 answer for caller']);
    expect(line.told).toEqual(['started', 'answered']);
    expect(line.call.view).toMatchObject({ direction: 'inbound', state: 'answered', agent: '1001' });
  });

  it('that the agent places makes the customer the target and is outbound', async () => {
    const line = new FakeLine('agent');
    await line.establish();
    expect(line.media.log).toContain('describeOffer caller');
    expect(line.call.view.direction).toBe('outbound');
  });

  it('hands early media on in the provisional response and answers with it again', async () => {
    const line = new FakeLine();
    await line.ring();
    line.dialling.events.progress(183, sdp('192.0.2.9'));
    await line.settle();
    await line.answer();
    expect(line.invite.responses).toEqual(['180', '183 answer for caller', '200 answer for caller']);
  });

  it('without an offer is offered ours, and takes the answer from the ACK', async () => {
    const line = new FakeLine('caller', null);
    await line.establish();
    expect(line.invite.responses.at(-1)).toBe('200 offer for caller');
    line.invite.events?.acknowledged(sdp());
    await line.settle();
    expect(line.media.log.at(-1)).toBe('acceptAnswer caller');
    expect(line.call.answered).toBe(true);
  });

  it('whose ACK lacks the answer that was due is ended on both legs', async () => {
    const line = new FakeLine('caller', null);
    await line.establish();
    line.invite.events?.acknowledged(null);
    await line.settle();
    expect(line.invite.dialog.alive || line.target.alive).toBe(false);
    expect(line.leftovers).toEqual([]);
  });
});

type Death = {
  readonly name: string;
  readonly kill: (line: FakeLine) => Promise<void> | void;
  readonly origin: string;
};

const deaths: readonly Death[] = [
  {
    name: 'the origin cancels while media is prepared',
    kill: (line) => {
      line.call.start();
      line.invite.cancel();
    },
    origin: '',
  },
  {
    name: 'media cannot be had',
    kill: (line) => {
      line.media.refuse = 'createCall';
      line.call.start();
    },
    origin: '503',
  },
  {
    name: 'nothing in the offer can be secured',
    kill: (line) => {
      line.media.refuse = 'acceptOffer caller';
      line.call.start();
    },
    origin: '488',
  },
  {
    name: 'the target is busy',
    kill: async (line) => {
      await line.ring();
      line.dialling.events.refused(486, 'Busy Here');
    },
    origin: '486',
  },
  {
    name: 'the target is silent',
    kill: async (line) => {
      await line.ring();
      line.dialling.events.refused(408, '');
    },
    origin: '480',
  },
  {
    name: 'nobody picks up within the ring limit',
    kill: async (line) => {
      await line.ring();
      line.clock.advance(180_000);
      await line.settle();
      line.dialling.events.refused(487, '');
    },
    origin: '480',
  },
  {
    name: 'the origin cancels while it rings',
    kill: async (line) => {
      await line.ring();
      line.invite.cancel();
      await line.settle();
      expect(line.dialling.cancelled).toBe(true);
      line.dialling.events.refused(487, '');
    },
    origin: '',
  },
  {
    name: 'the 200 of the target crosses our CANCEL',
    kill: async (line) => {
      await line.ring();
      line.invite.cancel();
      await line.settle();
      await line.answer();
      expect(line.target.sent).toEqual(['BYE cancelled']);
    },
    origin: '',
  },
  {
    name: 'a CANCEL is never answered',
    kill: async (line) => {
      await line.ring();
      line.invite.cancel();
      await line.settle();
      line.clock.advance(32_000);
    },
    origin: '',
  },
  {
    name: 'the CANCEL of the origin crosses our 200',
    kill: async (line) => {
      line.invite.mode = 'fail';
      await line.establish();
      expect(line.target.sent).toEqual(['BYE cancelled']);
    },
    origin: '200 answer for caller',
  },
  {
    name: 'the target hangs up while our 200 is under way',
    kill: async (line) => {
      line.invite.mode = 'late';
      await line.establish();
      line.dialling.events.dialog.hungUp('normal release');
      await line.settle();
      line.invite.deliver();
      await line.settle();
      expect(line.invite.dialog.alive).toBe(false);
    },
    origin: '480',
  },
  {
    name: 'the answer of the target cannot be used',
    kill: async (line) => {
      line.media.refuse = 'acceptAnswer agent';
      await line.establish();
      expect(line.target.alive).toBe(false);
    },
    origin: '488',
  },
  {
    name: 'the target answers without a description',
    kill: async (line) => {
      await line.ring();
      await line.answer(null);
      expect(line.target.alive).toBe(false);
    },
    origin: '488',
  },
  {
    name: 'the gateway stops while it rings',
    kill: async (line) => {
      await line.ring();
      line.call.end('stopping');
      await line.settle();
      line.dialling.events.refused(487, '');
    },
    origin: '503',
  },
  {
    name: 'the origin hangs up',
    kill: async (line) => {
      await line.establish();
      line.invite.events?.hungUp('normal release');
      await line.settle();
      expect(line.target.alive).toBe(false);
    },
    origin: '200 answer for caller',
  },
  {
    name: 'the target hangs up',
    kill: async (line) => {
      await line.establish();
      line.dialling.events.dialog.hungUp('normal release');
      await line.settle();
      expect(line.invite.dialog.alive).toBe(false);
    },
    origin: '200 answer for caller',
  },
  {
    name: 'both hang up at once',
    kill: async (line) => {
      await line.establish();
      line.invite.events?.hungUp('normal release');
      line.dialling.events.dialog.hungUp('normal release');
    },
    origin: '200 answer for caller',
  },
  {
    name: 'the media side dies in mid-call',
    kill: async (line) => {
      await line.establish();
      line.call.end('media-lost');
      line.call.end('media-lost');
      await line.settle();
      expect(line.invite.dialog.alive || line.target.alive).toBe(false);
    },
    origin: '200 answer for caller',
  },
];

describe('every death of a call leaves nothing behind', () => {
  it.each(deaths)('when $name', async ({ kill, origin }) => {
    const line = new FakeLine();
    await kill(line);
    await line.settle();
    expect(line.invite.responses.filter((response) => !/^1/.test(response)).at(-1) ?? '').toBe(origin);
    expect(line.leftovers).toEqual([]);
    expect(line.told.findIndex((word) => word.startsWith('ending'))).toBeLessThan(
      line.told.findIndex((w) => w.startsWith('ended')),
    );
  });

  it('whatever comes in whatever order (property)', async () => {
    const happenings: Record<string, (line: FakeLine) => void> = {
      ring: (line) => line.sip.dialled[0]?.events.progress(180, null),
      early: (line) => line.sip.dialled[0]?.events.progress(183, sdp()),
      answer: (line) => line.sip.dialled[0]?.events.answered(line.target, sdp()),
      refuse: (line) => line.sip.dialled[0]?.events.refused(486, ''),
      cancel: (line) => line.invite.cancel(),
      originBye: (line) => line.invite.events?.hungUp('bye'),
      targetBye: (line) => line.sip.dialled[0]?.events.dialog.hungUp('bye'),
      reinvite: (line) => line.invite.events?.offered(sdp('192.0.2.1', 4002), new FakeResponder()),
      deliver: (line) => line.invite.deliver(),
      time: (line) => line.clock.advance(200_000),
      breakMedia: (line) => {
        line.media.refuse = 'describeAnswer caller';
      },
    };
    const names = Object.keys(happenings);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...names), { maxLength: 10 }),
        fc.constantFrom('at-once' as const, 'late' as const, 'fail' as const),
        fc.boolean(),
        async (order, mode, settleBetween) => {
          const line = new FakeLine();
          line.invite.mode = mode;
          line.call.start();
          for (const name of order) {
            if (settleBetween) await line.settle();
            happenings[name]?.(line);
          }
          await line.settle();
          line.call.end('test over');
          await line.settle();
          line.sip.dialled[0]?.events.refused(487, '');
          line.invite.deliver();
          line.clock.advance(400_000);
          await line.settle();
          expect(line.leftovers).toEqual([]);
          // A dialog that came into being was ended by one side or the other.
          expect(line.told.includes('answered') && line.target.alive && !order.includes('targetBye')).toBe(false);
        },
      ),
      { numRuns: 150 },
    );
  });
});
