/** Types of `elasticsearch.mjs`, which is plain JavaScript so that scripts run it without a build. */
export interface TestElasticsearch {
  url: string;
  port: number;
  /** Ends the node and removes its data; may be called again. */
  stop(): Promise<void>;
}
export interface TestFront {
  url: string;
  /** The front's self-signed certificate as PEM text, or null without TLS. */
  certificate: string | null;
  stop(): Promise<void>;
}
export function findElasticsearch(): string | null;
export function installElasticsearch(): Promise<string>;
export function startElasticsearch(options?: {
  settings?: Record<string, string | number | boolean>;
  heap?: string;
}): Promise<TestElasticsearch>;
export function startFront(options: { upstream: number; allowed: string[]; tls?: boolean }): Promise<TestFront>;
