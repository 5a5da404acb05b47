// @ts-check
import { readFileSync } from 'node:fs';
import { codeOf } from './user-error.mjs';

/**
 * True where a process with this id is there and runs. One that has ended counts as gone even if nobody has taken note of
 * its end yet (a zombie), as happens in containers whose first process reaps nobody.
 * @param {number} pid
 * @returns {boolean}
 */
export function isAlive(pid) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return false;
    if (codeOf(error) !== 'EPERM') throw error;
  }
  return process.platform !== 'linux' || !isZombie(pid);
}

/** @param {number} pid */
function isZombie(pid) {
  try {
    // "PID (name) STATE …": the name may hold anything, so the state is looked for after the last bracket.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return /^ [ZX]/.test(stat.slice(stat.lastIndexOf(')') + 1));
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ESRCH') return true;
    throw error;
  }
}
