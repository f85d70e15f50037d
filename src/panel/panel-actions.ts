import type { SessionView } from '../payment/session-view.ts';
import type { CallView } from '../telephony/call-view.ts';
import type { Commands } from './commands.ts';
import type { DetailsEditor } from './details-editor.ts';
import { currencyOf } from './field-value.ts';
import { parseMoney } from './money.ts';
import { Problem } from './problem.ts';
import type { Actions, LocalState } from './views/scene.ts';

/** What the actions need of the element. */
export interface ActionsHost {
  readonly commands: Commands;
  readonly editor: DetailsEditor;
  readonly local: LocalState;
  readonly session: SessionView | undefined;
  readonly call: CallView | undefined;
  set(change: Partial<LocalState>): void;
  switchLanguage(): void;
  jump(field: string): void;
  copy(text: string): Promise<void>;
}

/** The buttons' side of the panel: one command at a time, typed details first, refusals as plain problems. */
export function panelActions(host: ActionsHost): Actions {
  const run = async (busy: string, command: () => Promise<unknown>, done: Partial<LocalState> = {}): Promise<void> => {
    if (host.local.busy !== null) return;
    host.set({ busy, problem: null, pointed: null });
    try {
      await host.editor.flush();
      await command();
      host.set({ busy: null, ...done });
    } catch (error) {
      host.set({ busy: null, problem: error instanceof Problem ? error.code : '' });
    }
  };
  const inSession = (busy: string, command: (id: string) => Promise<unknown>, done?: Partial<LocalState>): void => {
    const { session } = host;
    if (session !== undefined) void run(busy, () => command(session.id), done);
  };
  return {
    set: (change) => host.set(change),
    switchLanguage: () => host.switchLanguage(),
    jump: (field) => host.jump(field),
    copy: (reference) => void host.copy(reference),
    open: (callId) => void run('open', () => host.commands.open(callId)),
    close: () => inSession('close', (id) => host.commands.close(id), { asking: null }),
    commitPsp: () => {
      const { pickedPsp } = host.local;
      if (pickedPsp === null) return;
      host.editor.reset();
      inSession('psp', (id) => host.commands.changePsp(id, pickedPsp), { pickedPsp: null });
    },
    changeDetail: (name, value) => host.editor.choose(name, value),
    addPayment: () => {
      const { adding } = host.local;
      const amount = host.session && adding ? parseMoney(adding.amount, currencyOf(host.session)) : undefined;
      if (adding === null || amount === undefined) return;
      inSession('payments', (id) => host.commands.addPayment(id, adding.type, amount), { adding: null });
    },
    removePayment: (n) => inSession('payments', (id) => host.commands.removePayment(id, n)),
    capture: (field) => inSession(`capture:${field}`, (id) => host.commands.capture(id, field)),
    stopCapture: () => inSession('stop', (id) => host.commands.stopCapture(id)),
    acceptSurcharge: () => inSession('surcharge', (id) => host.commands.acceptSurcharge(id)),
    command: (name) =>
      inSession(name, async (id) => {
        const answer = await host.commands.plain(id, name);
        if (name === 'cancel') host.set({ asking: null });
        if (name === 'enquiry' && answer.state === 'unknown')
          host.set({ resolved: host.local.resolved ?? 'still-unknown' });
      }),
    toggleHistory: () => void toggleHistory(host),
  };
}

async function toggleHistory(host: ActionsHost): Promise<void> {
  if (host.local.history !== null) return host.set({ history: null });
  await loadHistory(host);
}

/** Also called when a payment has ended while the history is unfolded. */
export async function loadHistory(host: ActionsHost): Promise<void> {
  const callId = host.session?.callId ?? host.call?.callId;
  if (callId === undefined) return;
  const items = await host.commands.transactions(callId).catch(() => null);
  host.set({ history: { items } });
}
