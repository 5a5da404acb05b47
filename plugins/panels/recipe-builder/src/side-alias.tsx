import { useId, useState } from 'react';
import { isAlias, otherSide, type SideName } from './draft.ts';
import { messages } from './messages.ts';
import { useTheBuilder } from './use-builder.ts';

const text = messages.sides;

/** The name of a file's side in the sentence and in the SQL. */
export function SideAlias({ side }: { side: SideName }) {
  const id = useId();
  const { draft, change } = useTheBuilder();
  const [typed, setTyped] = useState<string | null>(null);
  const chosen = draft.sides[side];
  if (!chosen) return null;
  const shown = typed ?? chosen.alias;
  const fits = isAlias(shown) && shown !== draft.sides[otherSide(side)]?.alias;
  return (
    <div className="rb-alias">
      <label htmlFor={id} className="k-soft">
        {text.alias}
      </label>
      <input
        id={id}
        className="k-input"
        maxLength={63}
        spellCheck={false}
        autoComplete="off"
        value={shown}
        aria-invalid={!fits || undefined}
        aria-describedby={fits ? undefined : `${id}-hint`}
        onBlur={() => setTyped(null)}
        onChange={(event) => {
          const alias = event.target.value;
          setTyped(alias);
          if (!isAlias(alias) || alias === draft.sides[otherSide(side)]?.alias) return;
          change(
            (before) => ({ ...before, sides: { ...before.sides, [side]: { ...chosen, alias } } }),
            `alias ${side}`,
          );
        }}
      />
      {!fits && (
        <span id={`${id}-hint`} className="k-field-hint">
          {text.aliasHint}
        </span>
      )}
    </div>
  );
}
