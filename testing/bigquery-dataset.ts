import { callJson } from './call-json.ts';

const PROJECT = 'kalla-test';

/** A dataset of a test's own on the local BigQuery. */
export interface TestDataset {
  project: string;
  dataset: string;
  /** Address of the project in the REST interface. */
  api: string;
  /** Runs a statement. `@@` stands for the dataset. */
  sql(text: string): Promise<void>;
  /** Deletes the dataset. */
  stop(): Promise<void>;
}

/** @param address of the server's REST interface */
export async function createDataset(address: string, dataset: string): Promise<TestDataset> {
  const api = `${address}/bigquery/v2/projects/${PROJECT}`;
  const datasetReference = { projectId: PROJECT, datasetId: dataset };
  await callJson('POST', `${api}/datasets`, { datasetReference, location: 'US' });
  return {
    project: PROJECT,
    dataset,
    api,
    async sql(text) {
      const query = text.replaceAll('@@', dataset);
      await callJson('POST', `${api}/queries`, { query, useLegacySql: false, timeoutMs: 120_000 });
    },
    async stop() {
      await callJson('DELETE', `${api}/datasets/${dataset}?deleteContents=true`);
    },
  };
}
