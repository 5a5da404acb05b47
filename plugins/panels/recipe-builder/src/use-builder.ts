import type { Preview, Proposal, Recipe, RecipeCounts, Suggestions, Validation } from '@kalla/core';
import { usePanelHost, type RecipeBuildProps } from '@kalla/core/panel';
import { questionsOf } from '@kalla/ui';
import { createContext, useContext, useEffect, useMemo, useRef, useState } from 'react';
import { compileDraft, filesOf, recipeOf, type BothColumns } from './build-recipe.ts';
import { columnChanges, type ColumnChanges } from './column-changes.ts';
import { isAlias, isLive, otherSide, sideNames, withUpload, type Draft, type SideName } from './draft.ts';
import { useDraft } from './use-draft.ts';
import { problemIn, useLatest, type Latest } from './use-latest.ts';
import { useSideData, type SideData } from './use-side-data.ts';
import { useUploads } from './use-uploads.ts';

/** Rows of each set that the dry run shows. */
export const DRY_RUN_ROWS = 50;
/** ms without another change before something is asked of the server. */
const WAIT = { counts: 100, dryRun: 500, validate: 250 };

/** What has to be done before a recipe can be saved, or null. */
export type Need = 'sources' | 'reading' | 'questions' | 'looking' | 'keys' | 'rule' | 'alias' | 'problem' | null;

/** All that the parts of the builder share: the draft, what is known of its sides, and what the server says about it. */
export function useBuilder(props: RecipeBuildProps) {
  const { api } = usePanelHost();
  const drafts = useDraft(props);
  const { draft, change, replace } = drafts;
  const [revision, setRevision] = useState({ left: 0, right: 0 });
  const [reading, readAnew] = useReading();
  const [picked, setPicked] = useState<{ side: SideName; column: string } | null>(null);

  const fallback = (side: SideName) => {
    const alias = draft.sides[side]?.alias;
    const { lastRun } = props;
    return [lastRun?.left, lastRun?.right].find((one) => one?.alias === alias)?.columns ?? null;
  };
  const data = {
    left: useSideData(draft.sides.left?.ref ?? null, revision.left, fallback('left')),
    right: useSideData(draft.sides.right?.ref ?? null, revision.right, fallback('right')),
  };
  const readAgain = (side: SideName) => setRevision((all) => ({ ...all, [side]: all[side] + 1 }));
  const fromSource = sideNames.filter((side) => isLive(draft.sides[side]?.ref));
  /** Reads what may have changed again, past what the server keeps of it. */
  const readAllAgain = () => {
    readAnew();
    for (const side of fromSource) readAgain(side);
  };

  const uploads = useUploads((side, upload) => {
    const taken = draft.sides[otherSide(side)]?.alias;
    change((before) => ({
      ...before,
      sides: { ...before.sides, [side]: withUpload(before.sides[side], upload, taken) },
    }));
  });
  const { send } = uploads;
  const [given] = useState(props.files ?? []);
  useEffect(() => {
    for (const [index, side] of sideNames.entries()) {
      const file = given[index];
      if (file) void send(side, file);
    }
  }, [given, send]);

  const columns: BothColumns = { left: data.left.columns, right: data.right.columns };
  const compiled = compileDraft(draft, columns);
  const live = data.left.live && data.right.live;

  // The clicks of a stored recipe apply where they make its SQL; that shows once the types of the columns are known.
  const clicksMakeIt = draft.sql !== null && compiled.sql === draft.sql;
  useEffect(() => {
    if (clicksMakeIt) replace((before) => ({ ...before, sql: null }));
  }, [clicksMakeIt, replace]);

  const { suggestions, setAsked, stopAsking } = useSuggestions(draft, live, revision, reading);
  const applied = useRef<Suggestions | null>(null);
  useEffect(() => {
    const found = suggestions.fresh ? suggestions.value : null;
    if (!found || applied.current === found) return;
    applied.current = found;
    const [best] = found.proposals;
    replace((before) => withProposedKeys(best && isUntouched(before) ? withProposal(before, best) : before, found));
  }, [suggestions.fresh, suggestions.value, replace]);

  // Where no proposal comes, a file's own candidates have to do; a file always has its row numbers.
  const noneComes = live && suggestions.value === null && !suggestions.busy;
  const candidates = JSON.stringify(
    sideNames.map((side) => data[side].upload?.key_candidates[0] ?? data[side].sourceKey ?? null),
  );
  useEffect(() => {
    if (!noneComes) return;
    replace((before) => withCandidates(before, JSON.parse(candidates) as (string[] | null)[]));
  }, [noneComes, candidates, replace]);

  const files = filesOf(draft);
  const recipe = live && aliasesFit(draft) ? recipeOf(draft, columns, 'draft', 'draft') : null;
  const counted = recipe && { recipe: countedPart(recipe, draft.sql === null), files };
  const ruleText = counted && JSON.stringify(counted);
  const question = counted && JSON.stringify({ ...counted, reading });
  const counts = useLatest(question, WAIT.counts, (body, signal) =>
    api.request<RecipeCounts>('POST', '/api/recipes/counts', JSON.parse(body), signal),
  );
  const preview = useLatest(question, WAIT.dryRun, (body, signal) =>
    api.request<Preview>(
      'POST',
      '/api/recipes/preview',
      { ...(JSON.parse(body) as object), limit: DRY_RUN_ROWS },
      signal,
    ),
  );

  /** Reads the columns of both sides again; what of them is no longer what it was. */
  async function changedSides(): Promise<{ side: SideName; changes: ColumnChanges }[]> {
    const changed: { side: SideName; changes: ColumnChanges }[] = [];
    for (const side of sideNames) {
      const ref = draft.sides[side]?.ref;
      const known = columns[side];
      if (!ref || ref.kind === 'stored' || !known || !data[side].live) continue;
      const path =
        ref.kind === 'upload'
          ? `/api/uploads/${encodeURIComponent(ref.uploadId)}`
          : `/api/sources/${encodeURIComponent(ref.alias)}/preview?limit=1`;
      const now = await api.request<{ columns: NonNullable<BothColumns['left']> }>('GET', path);
      const changes = columnChanges(known, now.columns);
      if (changes) changed.push({ side, changes });
    }
    if (changed.length > 0) readAnew();
    for (const { side } of changed) readAgain(side);
    return changed;
  }
  // SQL that is being written is wrong for other reasons.
  const settledSql = draft.sql === null || draft.sql === drafts.base?.match_sql;
  const doubt = fromSource.length > 0 && settledSql ? doubtOf(counts, preview) : null;
  const looked = useRef<string | null>(null);
  useEffect(() => {
    // Once for each rule: a table that is written to all the time never counts the same twice.
    if (doubt === null || ruleText === null || looked.current === ruleText) return;
    looked.current = ruleText;
    if (doubt === 'rows') readAnew();
    // A source that cannot be reached has said so already.
    else changedSides().catch((error: unknown) => void problemIn(error));
  }, [doubt, ruleText]);

  const byHand = draft.sql !== null && recipe ? JSON.stringify(recipe) : null;
  const validation = useLatest(byHand, WAIT.validate, (body, signal) =>
    api.request<Validation>('POST', '/api/recipes/validate', JSON.parse(body), signal),
  );

  return {
    ...drafts,
    ...uploads,
    props,
    data,
    columns,
    compiled,
    files,
    live,
    picked,
    setPicked,
    readAgain,
    /** Null where nothing that is chosen can change while it is looked at. */
    readAllAgain: fromSource.length > 0 ? readAllAgain : null,
    changedSides,
    suggestions,
    askForProposals: () => setAsked(true),
    stopAsking,
    counts,
    preview,
    validation,
    useProposal: (proposal: Proposal) => change((before) => withProposal(before, proposal)),
    need: needOf({
      draft,
      data,
      looking: suggestions.busy,
      // A problem with the rule itself; a server that is busy does not make a rule wrong.
      broken: compiled.problem !== null || counts.problem?.status === 422,
      validation: validation.fresh ? validation.value : null,
    }),
  };
}

/** What of a recipe has a say in its counts. The clicks do where they made the SQL: they tell how many partners a row could have. */
function countedPart({ rule, ...recipe }: Recipe, byClicks: boolean): Recipe {
  return { ...recipe, description: '', match_description: '', ...(byClicks && rule ? { rule } : {}) };
}

/**
 * What makes one doubt that the page shows the data as it is now: the rule does not fit what was read just now, or the dry run,
 * which reads everything, counts other rows than are kept.
 */
function doubtOf(counts: Latest<RecipeCounts>, preview: Latest<Preview>): 'columns' | 'rows' | null {
  if (counts.problem?.status === 422 || preview.problem?.status === 422) return 'columns';
  if (!counts.fresh || !preview.fresh || !counts.value || !preview.value) return null;
  if (counts.value.sampled || preview.value.sampled) return null;
  const [kept, now] = [counts.value.counts, preview.value.counts];
  return kept.left === now.left && kept.right === now.right && kept.matched === now.matched ? null : 'rows';
}

/** A name for what this page reads of databases, and a way to another one: the server then reads what it keeps anew. */
function useReading(): [string, () => void] {
  // Another page, and this one after a reload, reads for itself.
  const [page] = useState(() => `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`);
  const [count, setCount] = useState(1);
  return [`${page}-${count}`, () => setCount((before) => before + 1)];
}

/** Proposals: asked for by themselves where there is no rule yet, else on demand. */
function useSuggestions(draft: Draft, live: boolean, revision: Record<SideName, number>, reading: string) {
  const { api } = usePanelHost();
  const [asked, setAsked] = useState(false);
  const [stopped, setStopped] = useState<string | null>(null);
  const untouched = isUntouched(draft) && draft.sides.left !== null && draft.sides.right !== null;
  if (untouched && !asked) setAsked(true);
  const body = useMemo(() => {
    const side = (name: SideName) => {
      const ref = draft.sides[name]?.ref;
      if (ref?.kind === 'upload') return { upload_id: ref.uploadId };
      return ref?.kind === 'source' ? { source: ref.alias } : null;
    };
    const [left, right] = [side('left'), side('right')];
    return left && right ? JSON.stringify({ left, right, revision }) : null;
  }, [draft.sides, revision]);
  const question = asked && live && body !== stopped ? body : null;
  const suggestions = useLatest(question, 0, (text, signal) => {
    const { revision: _revision, ...request } = JSON.parse(text) as Record<string, unknown>;
    // Another reading alone is no reason to look for proposals again.
    return api.request<Suggestions>('POST', '/api/suggestions', { ...request, reading }, signal);
  });
  return { suggestions, setAsked, stopAsking: () => setStopped(body) };
}

const isUntouched = (draft: Draft) => draft.rule.conditions.length === 0 && draft.sql === null;

/** The draft with a proposal's clicks. Where nothing has been chosen before, it takes the proposal's names as well. */
export function withProposal(draft: Draft, proposal: Proposal): Draft {
  const untouched = isUntouched(draft);
  const side = (name: SideName) => {
    const before = draft.sides[name];
    const proposed = proposal.recipe.sources[name];
    if (!before) return null;
    return {
      ...before,
      alias: untouched && before.ref.kind === 'upload' ? proposed.alias : before.alias,
      primaryKey: proposed.primary_key ?? before.primaryKey,
    };
  };
  return {
    ...draft,
    name: draft.name || proposal.recipe.name,
    rule: proposal.rule,
    sql: null,
    sides: { left: side('left'), right: side('right') },
  };
}

function withProposedKeys(draft: Draft, found: Suggestions): Draft {
  const missing = sideNames.filter((name) => draft.sides[name] && !draft.sides[name].primaryKey);
  if (missing.length === 0) return draft;
  const sides = { ...draft.sides };
  for (const name of missing) {
    const before = sides[name];
    const columns = found[name].keys[0]?.columns;
    if (before && columns) sides[name] = { ...before, primaryKey: columns };
  }
  return { ...draft, sides };
}

function withCandidates(draft: Draft, candidates: readonly (string[] | null)[]): Draft {
  const sides = { ...draft.sides };
  let missing = false;
  for (const [index, name] of sideNames.entries()) {
    const side = sides[name];
    if (!side || side.primaryKey) continue;
    const primaryKey = candidates[index] ?? (side.ref.kind === 'upload' ? ['_row'] : null);
    if (!primaryKey) continue;
    missing = true;
    sides[name] = { ...side, primaryKey };
  }
  return missing ? { ...draft, sides } : draft;
}

function aliasesFit({ sides: { left, right } }: Draft): boolean {
  return left !== null && right !== null && left.alias !== right.alias && isAlias(left.alias) && isAlias(right.alias);
}

function needOf({
  draft,
  data,
  looking,
  broken,
  validation,
}: {
  draft: Draft;
  data: Record<SideName, SideData>;
  looking: boolean;
  /** The clicks cannot be made into SQL, or the SQL cannot be used on these rows. */
  broken: boolean;
  validation: Validation | null;
}): Need {
  const { left, right } = draft.sides;
  if (!left || !right) return 'sources';
  if (sideNames.some((name) => data[name].upload && questionsOf(data[name].upload).length > 0)) return 'questions';
  if (!aliasesFit(draft)) return 'alias';
  if (draft.sql !== null) return draft.sql.trim() === '' || validation?.valid === false || broken ? 'problem' : null;
  if (sideNames.some((name) => data[name].busy)) return 'reading';
  if (looking && draft.rule.conditions.length === 0) return 'looking';
  if (!left.primaryKey?.length || !right.primaryKey?.length) return 'keys';
  if (draft.rule.conditions.length === 0) return 'rule';
  return broken ? 'problem' : null;
}

export type Builder = ReturnType<typeof useBuilder>;
export const BuilderContext = createContext<Builder | null>(null);

/** The builder that a part belongs to. */
export function useTheBuilder(): Builder {
  const builder = useContext(BuilderContext);
  if (!builder) throw new Error('A part of the recipe builder is shown outside of it.');
  return builder;
}
