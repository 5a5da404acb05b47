import type { ColumnInfo, Difference } from '@kalla/core';
import { Button, visibleText } from '@kalla/ui';
import { useState, type FormEvent } from 'react';
import { messages } from './messages.ts';
import { differenceName, kindOf, MOST_DIFFERENCES } from './pair-columns.ts';

export interface ColumnsPanelProps {
  id: string;
  /** Columns of the set, differences included. */
  columns: readonly ColumnInfo[];
  hide: readonly string[];
  differences: readonly Difference[];
  onHide(hide: string[]): void;
  onDifferences(differences: Difference[]): void;
}

/** From how many columns on a field to find one is of use. */
const MANY = 12;

/** Which columns are shown, and which differences are made. */
export function ColumnsPanel({ id, columns, hide, differences, onHide, onDifferences }: ColumnsPanelProps) {
  const [text, setText] = useState('');
  const hidden = new Set(hide);
  const found = columns.filter(({ name }) => name.toLowerCase().includes(text.trim().toLowerCase()));
  return (
    <div id={id} className="rv-columns">
      <fieldset>
        <legend>{messages.columnsShown}</legend>
        {columns.length > MANY && (
          <input
            type="search"
            className="k-input"
            aria-label={messages.findColumn}
            placeholder={messages.findColumn}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        )}
        <div className="rv-columns-list">
          {found.map(({ name }) => (
            <label key={name}>
              <input
                type="checkbox"
                checked={!hidden.has(name)}
                // The last column stays, else there would be nothing to open a row by.
                disabled={!hidden.has(name) && columns.length - hide.length <= 1}
                onChange={(event) =>
                  onHide(event.target.checked ? hide.filter((each) => each !== name) : [...hide, name])
                }
              />
              <span>{visibleText(name)}</span>
            </label>
          ))}
        </div>
        {hide.length > 0 && (
          <Button small tone="quiet" onClick={() => onHide([])}>
            {messages.showAllColumns}
          </Button>
        )}
      </fieldset>
      <Differences columns={columns} differences={differences} onChange={onDifferences} />
    </div>
  );
}

interface DifferencesProps {
  columns: readonly ColumnInfo[];
  differences: readonly Difference[];
  onChange(differences: Difference[]): void;
}

function Differences({ columns, differences, onChange }: DifferencesProps) {
  const made = differences.map(differenceName);
  const own = columns.filter(({ name }) => !made.includes(name));
  const kinds = own.map(kindOf);
  const several = (['number', 'day'] as const).filter((kind) => kinds.filter((each) => each === kind).length > 1);
  const able = own.filter((_, at) => several.some((kind) => kind === kinds[at]));
  const [from, setFrom] = useState('');
  const [minus, setMinus] = useState('');
  const first = able.find(({ name }) => name === from) ?? able[0];
  const partners = able.filter((column) => first && column !== first && kindOf(column) === kindOf(first));
  const second = partners.find(({ name }) => name === minus) ?? partners[0];

  function add(event: FormEvent) {
    event.preventDefault();
    if (!first || !second) return;
    const difference: Difference = [first.name, second.name];
    if (!made.includes(differenceName(difference))) onChange([...differences, difference]);
  }

  return (
    <fieldset>
      <legend>{messages.differences}</legend>
      <p className="k-soft rv-hint">{first ? messages.differencesHint : messages.noDifferences}</p>
      {differences.length > 0 && (
        <div className="rv-chips">
          {differences.map((difference) => (
            <button
              key={differenceName(difference)}
              type="button"
              className="k-button k-button-small"
              aria-label={messages.differenceRemove(differenceName(difference))}
              onClick={() => onChange(differences.filter((each) => each !== difference))}
            >
              {differenceName(difference)} <span aria-hidden="true">×</span>
            </button>
          ))}
        </div>
      )}
      {differences.length >= MOST_DIFFERENCES && <p>{messages.differencesMost(MOST_DIFFERENCES)}</p>}
      {first && second && differences.length < MOST_DIFFERENCES && (
        <form className="rv-form" onSubmit={add}>
          <select
            className="k-select"
            aria-label={messages.differenceFrom}
            value={first.name}
            onChange={(event) => setFrom(event.target.value)}
          >
            {able.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </select>
          <span>{messages.differenceMinus}</span>
          <select
            className="k-select"
            aria-label={messages.differenceMinus}
            value={second.name}
            onChange={(event) => setMinus(event.target.value)}
          >
            {partners.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </select>
          <Button small type="submit">
            {messages.differenceAdd}
          </Button>
        </form>
      )}
    </fieldset>
  );
}
