// @ts-check
/** The oldest Node that Kalla runs on; `engines` in package.json says the same. */
export const OLDEST_NODE = [20, 19, 0];

/**
 * A sentence where this Node is too old, else null.
 * @param {string} version as in `process.versions.node`
 * @returns {string | null}
 */
export function nodeTooOld(version) {
  const have = version.split('.').map((part) => parseInt(part, 10));
  for (let i = 0; i < OLDEST_NODE.length; i++) {
    const difference = (have[i] ?? 0) - (OLDEST_NODE[i] ?? 0);
    if (difference > 0) return null;
    if (difference < 0) {
      return `Kalla needs Node ${OLDEST_NODE[0]}.${OLDEST_NODE[1]} or newer, and this is Node ${version}. Install a newer Node from https://nodejs.org and start again.`;
    }
  }
  return null;
}

const sentence = nodeTooOld(process.versions.node);
if (sentence) {
  console.error(sentence);
  process.exit(1);
}
