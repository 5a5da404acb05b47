import { ComboBox, typeInWords, visibleText } from '@kalla/ui';
import { useMemo } from 'react';
import type { SideName } from './draft.ts';
import { messages } from './messages.ts';
import { useTheBuilder } from './use-builder.ts';

const text = messages.rule;

/** Chooses one column of a side, of hundreds if need be. */
export function ColumnChooser({
  side,
  value,
  onChange,
}: {
  side: SideName;
  value: string | null;
  onChange(name: string): void;
}) {
  const { draft, columns } = useTheBuilder();
  const known = columns[side];
  const alias = draft.sides[side]?.alias ?? '';
  const options = useMemo(
    () => (known ?? []).map(({ name, type }) => ({ id: name, label: visibleText(name), detail: typeInWords(type) })),
    [known],
  );
  const missing = value !== null && value !== '_row' && !options.some(({ id }) => id === value);
  return (
    <div className="rb-chosen-column">
      <ComboBox
        label={text.column(alias)}
        placeholder={missing ? visibleText(value) : text.choose}
        options={options}
        value={value}
        invalid={missing}
        onChange={onChange}
      />
      {missing && <span className="k-field-hint">{text.missing(visibleText(value), alias)}</span>}
    </div>
  );
}
