import { readFileSync } from 'node:fs';
import { parseDocument } from 'yaml';
import type { z } from 'zod';
import type { ConfigFault } from './config-fault.ts';
import { type Config, configSchema } from './config-schema.ts';
import { crossCheck } from './cross-check.ts';

/** A configuration, or every fault that was found: never the first only. */
export type ConfigResult = { readonly config: Config } | { readonly faults: readonly ConfigFault[] };

/** The configuration of an empty file: the embedded gateway on loopback. */
export const defaultConfig = (): Config => configSchema.parse({});

/** Reads and checks a YAML file. Does not throw: an unreadable file is a fault as well. */
export function loadConfigFile(path: string): ConfigResult {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return { faults: [{ key: '(file)', message: `cannot read ${path}` }] };
  }
  return parseConfig(text);
}

/** Checks YAML text against the schema, then the parts of it against each other. */
export function parseConfig(text: string): ConfigResult {
  const document = parseDocument(text, { uniqueKeys: true });
  if (document.errors.length > 0) {
    return { faults: document.errors.map((error) => ({ key: '(file)', message: firstLine(error.message) })) };
  }
  const parsed = configSchema.safeParse(document.toJS() ?? {});
  if (!parsed.success) return { faults: parsed.error.issues.flatMap((issue) => toFaults(issue)) };
  const faults = crossCheck(parsed.data);
  return faults.length > 0 ? { faults } : { config: parsed.data };
}

function toFaults(issue: z.core.$ZodIssue, above: readonly string[] = []): ConfigFault[] {
  const path = [...above, ...issue.path.map(String)];
  if (issue.code === 'invalid_union') {
    // One or a list of them: what is said of the form that was chosen, not of the other.
    const [meant, ...others] = issue.errors.filter(
      ([first]) => !(first?.code === 'invalid_type' && first.path.length === 0),
    );
    if (meant !== undefined && others.length === 0) return meant.flatMap((inner) => toFaults(inner, path));
  }
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ key: [...path, key].join('.'), message: 'unknown key' }));
  }
  return [{ key: path.length === 0 ? '(file)' : path.join('.'), message: issue.message }];
}

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? text;
