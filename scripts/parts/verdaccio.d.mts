/** Types of `verdaccio.mjs`, which is plain JavaScript so that scripts run it without a build. */
export interface TestRegistry {
  /** Without a slash at its end. */
  url: string;
  port: number;
  /** Ends it and removes what was published. */
  stop(): Promise<void>;
}
/** Folders of the packages that the author of a connector needs of this repository. */
export const OURS: readonly string[];
export function findVerdaccio(): string | null;
export function startVerdaccio(options?: { port?: number; seed?: (storage: string) => void }): Promise<TestRegistry>;
