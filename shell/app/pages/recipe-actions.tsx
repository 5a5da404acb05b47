import type { StoredRecipe } from '@kalla/core';
import { Button, buttonClass, Dialog, notify } from '@kalla/ui';
import { useId, useState } from 'react';
import { Link, useRevalidator } from 'react-router';
import { request } from '../federation/api-client.ts';
import { messages } from '../messages.ts';

const text = messages.recipe;
const pathOf = (recipe: StoredRecipe) => `/recipes/${encodeURIComponent(recipe.recipe_id)}`;

export interface RecipeActionsProps {
  recipe: StoredRecipe;
  /** On a list it also leads to the recipe's own page. */
  on: 'list' | 'page';
  onDeleted?(): void;
}

/** What can be done with a stored recipe besides running it: edit, history, duplicate, rename, delete. */
export function RecipeActions({ recipe, on, onDeleted }: RecipeActionsProps) {
  const [asking, setAsking] = useState<'rename' | 'delete' | null>(null);
  const small = buttonClass('quiet', true);
  return (
    <div className="recipe-actions" role="group" aria-label={text.actions(recipe.name)}>
      {on === 'list' && (
        <>
          <Link className={small} to={pathOf(recipe)} aria-label={text.editNamed(recipe.name)}>
            {text.edit}
          </Link>
          <Link className={small} to={`${pathOf(recipe)}?show=history`} aria-label={text.historyNamed(recipe.name)}>
            {text.history}
          </Link>
        </>
      )}
      <Link
        className={small}
        to={`/recipes/new?${new URLSearchParams({ from: recipe.recipe_id })}`}
        aria-label={text.duplicateNamed(recipe.name)}
      >
        {text.duplicate}
      </Link>
      <Button tone="quiet" small aria-label={text.renameNamed(recipe.name)} onClick={() => setAsking('rename')}>
        {text.rename}
      </Button>
      <Button tone="quiet" small aria-label={text.deleteNamed(recipe.name)} onClick={() => setAsking('delete')}>
        {text.delete}
      </Button>
      {asking === 'rename' && <RenameDialog recipe={recipe} onClose={() => setAsking(null)} />}
      {asking === 'delete' && (
        <DeleteDialog recipe={recipe} onClose={() => setAsking(null)} {...(onDeleted ? { onDeleted } : {})} />
      )}
    </div>
  );
}

/** Does the work of a dialog: closes it and reads the page's data anew when it is done, says what went wrong where it is not. */
function useWork(onClose: () => void) {
  const { revalidate } = useRevalidator();
  const [busy, setBusy] = useState(false);
  async function act(work: () => Promise<unknown>, then: () => unknown = revalidate) {
    setBusy(true);
    try {
      await work();
      onClose();
      await then();
    } catch (error) {
      setBusy(false);
      notify('error', (error as Error).message);
    }
  }
  return { busy, act };
}

function RenameDialog({ recipe, onClose }: { recipe: StoredRecipe; onClose(): void }) {
  const id = useId();
  const [name, setName] = useState(recipe.name);
  const { busy, act } = useWork(onClose);
  const fits = name.trim() !== '' && name.trim() !== recipe.name;
  async function rename() {
    if (!fits || busy) return;
    await act(async () => {
      // Read anew, so that a change made elsewhere in the meantime is not taken back.
      const {
        version: _v,
        created_at: _c,
        updated_at: _u,
        ...body
      } = await request<StoredRecipe>('GET', `/api${pathOf(recipe)}`);
      await request('PUT', `/api${pathOf(recipe)}`, { ...body, name: name.trim() });
    });
  }
  return (
    <Dialog
      open
      title={text.renameTitle}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{text.cancel}</Button>
          <Button tone="primary" busy={busy} disabled={!fits} onClick={() => void rename()}>
            {text.rename}
          </Button>
        </>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void rename();
        }}
      >
        <label htmlFor={id} className="k-label">
          {text.name}
        </label>
        <input
          id={id}
          className="k-input recipe-name-input"
          maxLength={200}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
      </form>
    </Dialog>
  );
}

function DeleteDialog({ recipe, onClose, onDeleted }: { recipe: StoredRecipe; onClose(): void; onDeleted?(): void }) {
  const { busy, act } = useWork(onClose);
  return (
    <Dialog
      open
      title={text.deleteTitle(recipe.name)}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{text.keep}</Button>
          <Button
            tone="danger"
            busy={busy}
            onClick={() => void act(() => request('DELETE', `/api${pathOf(recipe)}`), onDeleted)}
          >
            {text.delete}
          </Button>
        </>
      }
    >
      <p>{text.deleteText(recipe.version)}</p>
    </Dialog>
  );
}
