/** The two sides of a call. `caller` is always the customer's leg, whoever called whom: it is the one captured from. */
export type LegSide = 'caller' | 'agent';

export const legSides = ['caller', 'agent'] as const satisfies readonly LegSide[];

export const otherSide = (side: LegSide): LegSide => (side === 'caller' ? 'agent' : 'caller');
