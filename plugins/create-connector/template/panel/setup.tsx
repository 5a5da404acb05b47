import type { ConnectorSetupProps } from '@kalla/core/panel';
import { Button, SchemaForm, type SettingsSchema } from '@kalla/ui';
import type { Config } from '../src/config.ts';

/** The panel API that this panel was written for. */
export const apiVersion = 1;

/**
 * Stands in the setup of a source in place of the fields that Kalla would draw from the config schema. It shows the settings that
 * it is given and hands on each change; Kalla checks, saves and keeps the secrets. `SchemaForm` draws the fields as Kalla does:
 * put your own controls before, after or in place of it.
 */
export default function Setup({ id, config, schema, secretsSet, errors, onChange }: ConnectorSetupProps<Config>) {
  return (
    <div className="k-form">
      <p>
        My source shows its host and a token where you sign in.{' '}
        <Button small onClick={() => onChange({ ...config, host: 'demo', token: 'demo-token' })}>
          Use the source in memory
        </Button>
      </p>
      <SchemaForm
        id={id}
        schema={schema as SettingsSchema}
        value={config}
        stored={secretsSet}
        errors={errors}
        onChange={(settings) => onChange(settings as Partial<Config>)}
      />
    </div>
  );
}
