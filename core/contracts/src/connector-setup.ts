import type { ReactNode } from 'react';
import type { ConnectorInfo } from './worker-api.ts';

/**
 * Properties of the panel that a connector's package brings for its own settings (slot `source.setup` in the connector's
 * `panels`). It stands in place of the fields that Kalla would draw from the config schema, inside Kalla's own `<form>`: it
 * renders fields, not a form; `SchemaForm` of `@kalla/ui` draws those that need nothing special. The check, the table, the key, the name and saving stay Kalla's, with the same calls of the API,
 * and the connector itself decides on the server whether the settings hold.
 *
 * Secrets: those that are stored never come to a panel. `config` has what was typed here and now, `secretsSet` the names of
 * what is stored; a secret that is left out of `config` is kept, `null` takes it away.
 *
 * @example
 * export const apiVersion = 1;
 * export default function Setup({ id, config, onChange, errors }: ConnectorSetupProps<Config>) {
 *   const change = (host: string) => onChange({ ...config, host });
 *   return (
 *     <label>
 *       Host
 *       <input id={`${id}-host`} value={config.host ?? ''} onChange={(event) => change(event.target.value)} />
 *       {errors.host}
 *     </label>
 *   );
 * }
 */
export interface ConnectorSetupProps<C extends object = Record<string, unknown>> {
  /** The control of the field `host` gets the id `${id}-host`: Kalla brings the reader there when something is wrong with it. */
  readonly id: string;
  /** The settings as they stand. The panel keeps no copy of its own: it shows these. */
  readonly config: Readonly<Partial<C>>;
  /** Dotted names of the secrets that are stored. Their fields are empty and say that one is stored. */
  readonly secretsSet: readonly string[];
  /** Sentences about fields, by dotted name: what is missing, and what the connector refused. */
  readonly errors: Readonly<Record<string, string>>;
  /** The config schema of the package, for titles and help texts. */
  readonly schema: Readonly<Record<string, unknown>>;
  /** True while the connection is checked. */
  readonly busy: boolean;
  /** Takes the settings anew, whole. */
  onChange(config: Partial<C>): void;
  /** Checks the connection, as the button below the panel and the Enter key do. */
  submit(): void;
}

/** What the source setup asks the page to show in the place of a connector's fields. */
export interface ConnectorFormProps {
  connector: ConnectorInfo;
  /** What the connector's panel gets. */
  settings: ConnectorSetupProps;
  /** The form that is drawn from the schema: shown where there is no panel, or where the panel cannot be shown. */
  children: ReactNode;
}
