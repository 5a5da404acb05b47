import pg from 'pg';
import { lostDatabase, reasonOf } from './lost-database.server.ts';

/** Told once when the database is lost, with the reason, and once when it is back (`null`). */
export type DatabaseWatcher = (lost: string | null) => void;

type Connected = (
  error: Error | undefined,
  client: pg.PoolClient | undefined,
  done: (release?: unknown) => void,
) => void;

/**
 * A pool whose failed connections carry the problem `database-unreachable`. It makes a new connection whenever one is asked
 * for and none is free, so it is whole again as soon as the server is.
 */
export class WatchedPool extends pg.Pool {
  readonly #watch: DatabaseWatcher;
  #lost = false;

  constructor(config: pg.PoolConfig, watch: DatabaseWatcher) {
    super(config);
    this.#watch = watch;
    // Of a lost connection its query tells, or the next one to connect. Without a listener the loss of one that is in use and
    // has no query under way, as between two steps of a transaction, would end the process.
    const heard = () => undefined;
    this.on('error', heard);
    this.on('connect', (client) => void client.on('error', heard));
  }

  override connect(): Promise<pg.PoolClient>;
  override connect(callback: Connected): void;
  override connect(callback?: Connected): Promise<pg.PoolClient> | void {
    if (callback) {
      return super.connect((error, client, done) => callback(error && this.#fail(error), this.#found(client), done));
    }
    return super.connect().then(
      (client) => this.#found(client),
      (error: unknown) => {
        throw this.#fail(error);
      },
    );
  }

  #found<Client extends pg.PoolClient | undefined>(client: Client): Client {
    if (client && this.#lost) {
      this.#lost = false;
      this.#watch(null);
    }
    return client;
  }

  #fail(error: unknown): Error {
    if (!this.#lost && !this.ending) {
      this.#lost = true;
      this.#watch(reasonOf(error));
    }
    return lostDatabase(error);
  }
}
