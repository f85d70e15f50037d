import { fileURLToPath } from 'node:url';

/**
 * Path of a file of the build, `dist/<name>`: for code of the build, whichever file of it holds that, the one that was built with it; for
 * code that runs from its sources (tests) the one that the last build made.
 * @param here `file:` URL of a file below `dist` or `src`.
 */
export function builtFile(name: string, here = import.meta.url): string {
  return fileURLToPath(here.replace(/\/(?:dist|src)\/(?!.*\/(?:dist|src)\/).*$/, `/dist/${name}`));
}
