const PROJECT = 'kalla-test';

/** A dataset of a test's own on the local BigQuery. */
export interface Warehouse {
  project: string;
  dataset: string;
  /** Runs a statement. `@@` stands for the dataset. */
  sql(text: string): Promise<void>;
  /** Deletes the dataset. */
  stop(): Promise<void>;
}

/** @param address of the server's REST interface */
export async function createWarehouse(address: string, dataset: string): Promise<Warehouse> {
  const api = `${address}/bigquery/v2/projects/${PROJECT}`;
  const call = async (method: string, url: string, body?: object) => {
    const response = await fetch(url, {
      method,
      ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}),
    });
    const answer = await response.text();
    if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${answer.slice(0, 500)}`);
  };
  const datasetReference = { projectId: PROJECT, datasetId: dataset };
  await call('POST', `${api}/datasets`, { datasetReference, location: 'US' });
  return {
    project: PROJECT,
    dataset,
    sql: (text) => {
      const query = text.replaceAll('@@', dataset);
      return call('POST', `${api}/queries`, { query, useLegacySql: false, timeoutMs: 120_000 });
    },
    stop: () => call('DELETE', `${api}/datasets/${dataset}?deleteContents=true`),
  };
}
