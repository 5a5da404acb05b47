import { Button } from '@kalla/ui';
import { useState } from 'react';
import { ColumnChooser } from './column-chooser.tsx';
import { messages } from './messages.ts';
import { addCondition, newCondition } from './rule-edits.ts';
import { useTheBuilder } from './use-builder.ts';

const text = messages.rule;

/** Adds a condition by choosing a column of each side. */
export function AddCondition() {
  const { columns, change } = useTheBuilder();
  const [left, setLeft] = useState<string | null>(null);
  const [right, setRight] = useState<string | null>(null);
  const [one, other] = [
    columns.left?.find(({ name }) => name === left),
    columns.right?.find(({ name }) => name === right),
  ];
  return (
    <form
      className="rb-add"
      aria-label={text.add}
      onSubmit={(event) => {
        event.preventDefault();
        if (!one || !other) return;
        change((before) => ({ ...before, rule: addCondition(before.rule, newCondition(one, other)) }));
        setLeft(null);
        setRight(null);
      }}
    >
      <ColumnChooser side="left" value={one ? left : null} onChange={setLeft} />
      <span className="rb-and">{text.and}</span>
      <ColumnChooser side="right" value={other ? right : null} onChange={setRight} />
      <Button type="submit" disabled={!one || !other} aria-label={text.add}>
        {text.addButton}
      </Button>
    </form>
  );
}
