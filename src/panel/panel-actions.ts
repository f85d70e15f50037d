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
  /** Undefined before there is a token. */
  commands(): Commands | undefined;
  local(): LocalState;
  inView(): { readonly call: CallView | undefined; readonly session: SessionView | undefined };
  readonly editor: DetailsEditor;
  set(change: Partial<LocalState>): void;
  switchLanguage(): void;
  jump(field: string, unfold?: Partial<LocalState>): void;
  /** Says in plain words what went wrong. */
  fail(error: unknown): Promise<void>;
  /** Loads what is drawn on demand; rejects when the network is cut just then. */
  annex(): Promise<unknown>;
}

type Command = (commands: Commands) => Promise<unknown>;

/** The buttons' side of the panel: one command at a time, typed details first, refusals as plain problems. */
export function panelActions(host: ActionsHost): Actions {
  const { set, local } = host;
  const run = async (busy: string, command: Command, done: Partial<LocalState> = {}): Promise<void> => {
    const commands = host.commands();
    if (local().busy !== null || commands === undefined) return;
    set({ busy, problem: null, pointed: null });
    try {
      await host.editor.flush();
      await command(commands);
      set({ busy: null, ...done });
    } catch (error) {
      set({ busy: null });
      await host.fail(error);
    }
  };
  const inSession = (
    busy: string,
    command: (commands: Commands, id: string) => Promise<unknown>,
    done?: Partial<LocalState>,
  ): void => {
    const { session } = host.inView();
    if (session !== undefined) void run(busy, (commands) => command(commands, session.id), done);
  };
  return {
    set,
    switchLanguage: host.switchLanguage,
    jump: host.jump,
    copy: async (reference) => {
      await navigator.clipboard.writeText(reference).catch(() => undefined);
      set({ copied: reference });
    },
    open: (callId) => void run('open', (commands) => commands.open(callId)),
    close: () => inSession('close', (commands, id) => commands.close(id), { asking: null }),
    commitPsp: () => {
      const { pickedPsp } = local();
      if (pickedPsp === null) return;
      host.editor.reset();
      inSession('psp', (commands, id) => commands.changePsp(id, pickedPsp), { pickedPsp: null });
    },
    changeDetail: (name, value) => host.editor.choose(name, value),
    addPayment: () => {
      const { adding } = local();
      const { session } = host.inView();
      const amount = session && adding ? parseMoney(adding.amount, currencyOf(session)) : undefined;
      if (adding === null || amount === undefined) return;
      inSession('payments', (commands, id) => commands.addPayment(id, adding.type, amount), { adding: null });
    },
    removePayment: (n) => inSession('payments', (commands, id) => commands.removePayment(id, n)),
    capture: (field) => inSession(`capture:${field}`, (commands, id) => commands.capture(id, field)),
    stopCapture: () => inSession('stop', (commands, id) => commands.stopCapture(id)),
    acceptSurcharge: () => inSession('surcharge', (commands, id) => commands.acceptSurcharge(id)),
    command: (name) =>
      inSession(name, async (commands, id) => {
        const answer = await commands.plain(id, name);
        if (name === 'cancel') set({ asking: null });
        if (name === 'enquiry' && answer.state === 'unknown') set({ resolved: local().resolved ?? 'still-unknown' });
      }),
    ...historyActions(host),
  };
}

function historyActions(host: ActionsHost): Pick<Actions, 'toggleHistory' | 'unfold' | 'loadHistory' | 'ask'> {
  const { set, local } = host;
  return {
    toggleHistory: () =>
      local().history === null ? void loadHistory(host) : set({ history: null, giving: null, finding: null }),
    unfold: (change) =>
      void host.annex().then(
        () => set(change),
        () => set({ problem: 'network' }),
      ),
    loadHistory: () => loadHistory(host),
    ask: (...request) => host.commands()?.ask(...request) ?? Promise.reject(new Problem('', 0)),
  };
}

/** Also called when a payment has ended while the history is unfolded. */
export async function loadHistory({ annex, commands, inView, set }: ActionsHost): Promise<void> {
  const { session, call } = inView();
  const callId = session?.callId ?? call?.callId;
  if (callId === undefined) return;
  const [history] = await Promise.all([commands()?.history(callId), annex()]).catch(() => [undefined]);
  set({ history: history ?? 'gone' });
}
