/** Types of `bigquery.mjs`, which is plain JavaScript so that scripts run it without a build. */
export interface TestBigQuery {
  /** REST, without a slash at its end. */
  url: string;
  /** Storage Read API: host and port, not secured. */
  grpc: string;
  project: string;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}
export const PROJECT: string;
export function findBigQuery(): string | null;
export function startBigQuery(options?: { port?: number; grpcPort?: number }): Promise<TestBigQuery>;
