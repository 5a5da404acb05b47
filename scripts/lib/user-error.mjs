// @ts-check
/** An error that the person at the terminal can mend: its message is a sentence, and no stack is printed. */
export class UserError extends Error {
  /** @override */
  name = 'UserError';
}

/**
 * Runs the body of a script: a `UserError` ends it with its sentence, anything else with a stack, both with exit code 1.
 * @param {() => Promise<void>} body
 */
export async function main(body) {
  try {
    await body();
  } catch (error) {
    console.error(error instanceof UserError ? error.message : error);
    process.exit(1);
  }
}

/**
 * The `code` of a system error, for example `ENOENT`, or undefined.
 * @param {unknown} error
 * @returns {string | undefined}
 */
export function codeOf(error) {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
