import { z } from 'zod';

const prefix = '#/components/schemas/';

/** @returns a reference to a schema of the same document. */
export const reference = (name: string): { $ref: string } => ({ $ref: `${prefix}${name}` });

/**
 * JSON Schemas (2020-12) of named zod schemas that refer to each other by name. Made from the side of the input, where an
 * object may have more than is named: clients must bear new fields.
 */
export function componentSchemas(named: ReadonlyMap<string, z.ZodType>): Record<string, object> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of named) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { uri: (id) => `${prefix}${id}`, io: 'input' });
  return Object.fromEntries(
    Object.entries(schemas).map(([name, { $schema, $id, ...schema }]) => [name, schema as object]),
  );
}
