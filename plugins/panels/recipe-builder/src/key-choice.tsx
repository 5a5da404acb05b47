import { formatCount, Button, ComboBox, useLocale, typeInWords, visibleText } from '@kalla/ui';
import { useId, useState } from 'react';
import type { SideName } from './draft.ts';
import { messages } from './messages.ts';
import { useTheBuilder } from './use-builder.ts';

const text = messages.keys;

/** `invoice_id and line`, or the row number in words. */
export function keyInWords(columns: readonly string[]): string {
  const names = columns.map((name) => (name === '_row' ? text.rowNumber : visibleText(name)));
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} ${messages.rule.and} ${names.at(-1)}`;
}

/** What tells the rows of a side apart, with its proof, and how to choose something else. */
export function KeyChoice({ side }: { side: SideName }) {
  const id = useId();
  const [open, setOpen] = useState(false);
  const { draft, change, columns, suggestions, need } = useTheBuilder();
  const chosen = draft.sides[side];
  // While they are looked for, nobody has to choose them.
  if (!chosen || (!chosen.primaryKey && need !== 'keys')) return null;
  const key = chosen.primaryKey ?? [];
  const proposed = (suggestions.fresh && suggestions.value?.[side].keys) || [];
  const set = (primaryKey: string[]) =>
    change((before) => ({ ...before, sides: { ...before.sides, [side]: { ...chosen, primaryKey } } }));
  const isChosen = (list: readonly string[]) => JSON.stringify(list) === JSON.stringify(key);
  const options = (columns[side] ?? [])
    .filter(({ name }) => !key.includes(name) && name !== '_row')
    .map(({ name, type }) => ({ id: name, label: visibleText(name), detail: typeInWords(type) }));

  return (
    <div className="rb-key">
      <p className="rb-key-line">
        <span>{key.length > 0 ? text.is(keyInWords(key)) : text.unknown}</span>
        <KeyProof side={side} />
        <Button
          tone="quiet"
          small
          aria-expanded={open}
          aria-label={text.changeNamed(chosen.alias)}
          onClick={() => setOpen(!open)}
        >
          {open ? text.done : text.change}
        </Button>
      </p>
      {open && (
        <fieldset className="rb-key-choice">
          <legend className="k-visually-hidden">{text.label(chosen.alias)}</legend>
          {proposed.map((proposal) => (
            <label key={proposal.columns.join('\0')} className="rb-choice">
              <input
                type="radio"
                name={`${id}-key`}
                checked={isChosen(proposal.columns)}
                onChange={() => set(proposal.columns)}
              />
              <span>
                {keyInWords(proposal.columns)} <span className="k-soft">{proposal.reason}</span>
              </span>
            </label>
          ))}
          <div className="rb-key-columns">
            <span className="k-soft">{text.byHand}</span>
            {key
              .filter((name) => name !== '_row')
              .map((name) => (
                <Button
                  key={name}
                  small
                  aria-label={text.remove(visibleText(name))}
                  onClick={() => set(key.filter((one) => one !== name))}
                >
                  {visibleText(name)} <span aria-hidden="true">×</span>
                </Button>
              ))}
            <ComboBox
              label={text.add}
              labelHidden
              placeholder={text.add}
              options={options}
              value={null}
              onChange={(name) => set([...key.filter((one) => one !== '_row'), name])}
            />
            {chosen.ref.kind !== 'source' && !isChosen(['_row']) && (
              <Button small onClick={() => set(['_row'])}>
                {text.rowNumber}
              </Button>
            )}
          </div>
        </fieldset>
      )}
    </div>
  );
}

/** What the data say about the key: from the proposals, and of any other key from the dry run. */
function KeyProof({ side }: { side: SideName }) {
  const locale = useLocale();
  const { draft, suggestions, preview } = useTheBuilder();
  const key = JSON.stringify(draft.sides[side]?.primaryKey ?? []);
  const report = preview.fresh ? preview.value?.keys[side] : undefined;
  const proposal = suggestions.value?.[side].keys.find(({ columns }) => JSON.stringify(columns) === key);
  const lines: string[] = [];
  if (report && report.duplicate_keys > 0) {
    lines.push(
      text.duplicates(formatCount(report.duplicate_keys, locale), formatCount(report.duplicate_key_rows, locale)),
    );
  }
  if (report && report.null_key_rows > 0) lines.push(text.empties(formatCount(report.null_key_rows, locale)));
  if (lines.length > 0) return <span className="rb-warn">{lines.join(' ')}</span>;
  if (proposal) return <span className="k-soft">{proposal.reason}</span>;
  return report ? <span className="k-soft">{text.unique}</span> : null;
}
