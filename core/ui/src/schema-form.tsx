import { useEffect, useRef, useState, type ReactNode } from 'react';
import { messages } from './messages.ts';
import { SchemaField } from './schema-field.tsx';
import { mainAndMore, withSetting, type Settings, type SettingsSchema } from './schema-model.ts';

export interface SchemaFormProps {
  schema: SettingsSchema;
  value: Settings;
  onChange(value: Settings): void;
  /** Dotted names of the secrets that are stored: their fields say so, and stay empty. */
  stored?: readonly string[];
  /** Sentences about fields, by dotted name. */
  errors?: Readonly<Record<string, string>>;
  /** Begins the ids of the controls; see `fieldId`. */
  id: string;
}

/**
 * The fields of a connector's settings, drawn from their JSON Schema: titles as labels, descriptions as help beside the
 * field, secrets in fields that never hold what is stored. It draws fields only; buttons and the `<form>` are the caller's.
 */
export function SchemaForm({ schema, value, onChange, stored = [], errors = {}, id }: SchemaFormProps) {
  const { main, more } = mainAndMore(schema, value);
  const field = ([name, property]: [string, SettingsSchema]) => (
    <SchemaField
      key={name}
      name={name}
      path={name}
      schema={property}
      parent={schema}
      parentValue={value}
      stored={stored}
      errors={errors}
      form={id}
      onChange={(next) => onChange(withSetting(value, [name], next))}
    />
  );
  return (
    <div className="k-form">
      {main.map(field)}
      {more.length > 0 && (
        <More wanted={more.some(([name]) => Object.keys(errors).some((path) => path.split('.')[0] === name))}>
          {more.map(field)}
        </More>
      )}
    </div>
  );
}

/** Settings that few need. They open by themselves when one of them is at fault. */
function More({ wanted, children }: { wanted: boolean; children: ReactNode }) {
  const [open, setOpen] = useState(wanted);
  const before = useRef(wanted);
  useEffect(() => {
    if (wanted && !before.current) setOpen(true);
    before.current = wanted;
  }, [wanted]);
  return (
    <details className="k-more" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{messages.moreSettings}</summary>
      <div className="k-form">{children}</div>
    </details>
  );
}
