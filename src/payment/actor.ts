/** Who commands, and from where. */
export interface Actor {
  readonly agent: string;
  readonly permissions: ReadonlySet<string>;
  /** The address the command came from. */
  readonly origin: string;
}

/** Whether the actor may take payments at all (P-03); a third party that controls panels may, by its own permission. */
export const mayTakePayments = ({ permissions }: Actor): boolean =>
  permissions.has('payments.take') || permissions.has('crm.control');

/** Whether what belongs to `agent` is the actor's business. */
export const mayActFor = (actor: Actor, agent: string): boolean =>
  actor.agent === agent || actor.permissions.has('crm.control');
