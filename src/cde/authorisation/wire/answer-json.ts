/** Reads a JSON answer and wipes its bytes. @returns undefined when it is no JSON. */
export function readJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  } finally {
    body.fill(0);
  }
}
