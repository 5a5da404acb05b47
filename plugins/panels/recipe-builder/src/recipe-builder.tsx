import type { RecipeBuildProps } from '@kalla/core/panel';
import { useHeldFocus } from '@kalla/ui';
import { useEffect, useRef } from 'react';
import { ActionBar } from './action-bar.tsx';
import { DraftNotice } from './draft-notice.tsx';
import { DryRun } from './dry-run.tsx';
import { History } from './version-history.tsx';
import './recipe-builder.css';
import { RuleSection } from './rule-section.tsx';
import { SaveSection } from './save-section.tsx';
import { Sides } from './sides.tsx';
import { SqlSection } from './sql-section.tsx';
import { BuilderContext, useBuilder } from './use-builder.ts';
import { useSave } from './use-save.ts';

/** The panel API this panel was written for. */
export const apiVersion = 1;

/** From two sources to a saved recipe: proposals, clicks, live counts, dry run. */
export default function RecipeBuilder(props: RecipeBuildProps) {
  const builder = useBuilder(props);
  const { undo, redo, setPicked } = builder;
  const save = useSave(builder);
  const whole = useRef<HTMLDivElement>(null);
  useHeldFocus(whole);

  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key === 'Escape') setPicked(null);
      if (!(event.ctrlKey || event.metaKey) || event.altKey || event.key.toLowerCase() !== 'z') return;
      // What is typed has the browser's own undo while the field has the focus.
      const field = event.target as HTMLElement | null;
      if (field?.matches('textarea, input:not([type=range], [type=checkbox], [type=radio])')) return;
      event.preventDefault();
      if (event.shiftKey) redo();
      else undo();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [undo, redo, setPicked]);

  return (
    <BuilderContext value={builder}>
      <div ref={whole} className="rb">
        <DraftNotice />
        <Sides />
        <RuleSection />
        <SqlSection />
        <DryRun />
        <SaveSection save={save} />
        {builder.base && <History recipeId={builder.base.recipe_id} version={builder.base.version} />}
        <ActionBar save={save} />
      </div>
    </BuilderContext>
  );
}
