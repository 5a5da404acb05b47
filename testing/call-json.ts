/**
 * A request to a server of the tests and its answer, in JSON; null where the answer is empty. A body that is a text goes as it is.
 *
 * @throws Error with the beginning of the answer, where its status is no success.
 */
export async function callJson<T = unknown>(
  method: string,
  url: string,
  body?: unknown,
  type = 'application/json',
): Promise<T> {
  const response = await fetch(url, {
    method,
    headers: { 'content-type': type },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text.slice(0, 500)}`);
  return (text ? JSON.parse(text) : null) as T;
}
