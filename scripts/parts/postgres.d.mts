/** Types of `postgres.mjs`, which is plain JavaScript so that scripts run it without a build. */
export interface TestPostgres {
  /** With the password; `?sslmode=require` where TLS was asked for. */
  url: string;
  port: number;
  dataDir: string;
  /** The server's self-signed certificate as PEM text, or null without TLS. */
  certificate: string | null;
  /** Ends the server and removes its data; may be called again. */
  stop(): Promise<void>;
}
export function findPostgres(): string | null;
export function startPostgres(options?: { tls?: boolean; port?: number }): Promise<TestPostgres>;
