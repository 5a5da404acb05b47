import { visibleText } from '@kalla/ui';
import { ignorable, type EqualCondition } from '@kalla/core';
import { messages } from './messages.ts';

const text = messages.rule;

/** What does not count when two values are compared, as toggles. */
export function EqualControls({
  condition,
  onChange,
}: {
  condition: EqualCondition;
  onChange(next: EqualCondition): void;
}) {
  const { ignore, extract } = condition;
  return (
    <>
      <div className="rb-ignore" role="group" aria-label={text.ignore}>
        <span className="k-soft">{text.ignore}</span>
        {ignorable.map((kind) => (
          <label key={kind} className="rb-toggle">
            <input
              type="checkbox"
              checked={ignore.includes(kind)}
              onChange={(event) =>
                onChange({
                  ...condition,
                  // In the order in which they are taken away, so that the same clicks are always the same rule.
                  ignore: ignorable.filter((one) => (one === kind ? event.target.checked : ignore.includes(one))),
                })
              }
            />
            <span>{text.ignorable[kind]}</span>
          </label>
        ))}
      </div>
      {extract && (
        <label className="rb-choice">
          <input
            type="checkbox"
            checked
            onChange={() => {
              const { extract: _extract, ...rest } = condition;
              onChange(rest);
            }}
          />
          <span>
            {text.extract(visibleText(extract.side === 'left' ? condition.left : condition.right), extract.example)}
          </span>
        </label>
      )}
    </>
  );
}
