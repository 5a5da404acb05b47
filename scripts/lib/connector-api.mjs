// @ts-check
import { UserError } from './user-error.mjs';

/**
 * One call of the API. A refusal becomes a `UserError` with its sentence.
 *
 * @param {string} address
 * @param {string} method
 * @param {string} path
 * @returns {Promise<any>} the body, as it is JSON
 */
export async function callApi(address, method, path) {
  const response = await ask(address + path, { method });
  const text = await response.text();
  if (!response.ok) throw refusalOf(text, response.status);
  return text === '' ? null : JSON.parse(text);
}

/**
 * Installs, and calls `onStep` with each step as it begins. Ending this process cancels it.
 *
 * @param {string} address
 * @param {object} body
 * @param {(step: string) => void} onStep
 * @returns {Promise<any>} what was installed
 */
export async function followInstall(address, body, onStep) {
  const response = await ask(`${address}/api/connectors`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify(body),
  });
  if (!response.ok || !response.body) throw refusalOf(await response.text(), response.status);
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body) {
    text += decoder.decode(chunk, { stream: true });
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const data = /^data: (.*)$/m.exec(block)?.[1] ?? '{}';
      if (/^event: problem$/m.test(block)) throw refusalOf(data, 0);
      const event = JSON.parse(data);
      if (event.installed) return event.installed;
      if (event.message) onStep(event.message);
    }
  }
  throw new UserError('Kalla stopped in the middle of the installation. Start it, and look at what "list" says.');
}

/** @param {string} url @param {RequestInit} init */
async function ask(url, init) {
  try {
    return await fetch(url, init);
  } catch (error) {
    throw new UserError(
      `Kalla does not answer at ${new URL(url).origin}. (${error instanceof Error ? error.message : error})`,
    );
  }
}

/** @param {string} text @param {number} status */
function refusalOf(text, status) {
  try {
    const { detail } = JSON.parse(text);
    if (typeof detail === 'string') return new UserError(detail);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return new UserError(`Kalla answered with ${status}. Its log says more.`);
}
