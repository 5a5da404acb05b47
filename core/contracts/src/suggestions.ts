import { z } from 'zod';
import { columnInfoSchema, noteSchema } from './column.ts';
import { readingSchema } from './reading.ts';
import { recipeSchema } from './recipe.ts';
import { countsSchema } from './result.ts';
import { ruleSchema } from './rule/rule.ts';

const count = z.number().int().nonnegative();

/** One side of a suggestion: an upload, or a registered source by its alias. */
export const suggestionSideSchema = z
  .union([z.strictObject({ upload_id: z.string() }), z.strictObject({ source: z.string() })])
  .meta({ id: 'SuggestionSide' });
export type SuggestionSide = z.infer<typeof suggestionSideSchema>;

/** Body of `POST /api/suggestions`. */
export const suggestionsRequestSchema = z
  .object({
    left: suggestionSideSchema,
    right: suggestionSideSchema,
    /** How many proposals at most. */
    limit: z.number().int().min(1).max(20).default(5),
    reading: readingSchema,
  })
  .meta({ id: 'SuggestionsRequest' });

/** Rows with more than one possible partner under the rule's conditions, before each row is used once. */
export const ambiguousSchema = z.object({ left: count, right: count }).meta({ id: 'Ambiguous' });
export type Ambiguous = z.infer<typeof ambiguousSchema>;

export const proposalSchema = z
  .object({
    /** Can be posted to `/api/recipes` as it stands. */
    recipe: recipeSchema,
    /** The clicks that the recipe's `match_sql` is made of. */
    rule: ruleSchema,
    /** Exact, over all rows of both sides. */
    counts: countsSchema,
    ambiguous: ambiguousSchema,
    /** 0 to 1: how sure it is that this is the rule that is wanted. */
    score: z.number().min(0).max(1),
    /** Why, in sentences, the weightiest first. */
    reasons: z.array(z.string()),
  })
  .meta({ id: 'Proposal' });
export type Proposal = z.infer<typeof proposalSchema>;

/** Two columns that seem to hold the same thing. */
export const columnPairSchema = z
  .object({
    left: z.string(),
    right: z.string(),
    kind: z.enum(['reference', 'amount', 'date', 'category', 'name']),
    score: z.number().min(0).max(1),
    reasons: z.array(z.string()),
  })
  .meta({ id: 'ColumnPair' });
export type ColumnPair = z.infer<typeof columnPairSchema>;

/** What a profile knows of a column besides its name and type. */
export const columnProfileSchema = columnInfoSchema
  .extend({
    /** Different values, NULL not counted. */
    distinct: count.optional(),
    /** What it seems to be for, in one word. */
    role: z.enum(['key', 'reference', 'amount', 'date', 'category', 'text', 'other']).optional(),
  })
  .meta({ id: 'ColumnProfile' });
export type ColumnProfile = z.infer<typeof columnProfileSchema>;

export const keyProposalSchema = z
  .object({
    columns: z.array(z.string()).min(1),
    rows: count,
    distinct: count,
    null_rows: count,
    /** `2,000 rows, 2,000 different values`. */
    reason: z.string(),
  })
  .meta({ id: 'KeyProposal' });
export type KeyProposal = z.infer<typeof keyProposalSchema>;

export const profiledSideSchema = z
  .object({
    alias: z.string(),
    rows: count,
    columns: z.array(columnProfileSchema),
    /** Best first; `["_row"]` where nothing else tells the rows apart. */
    keys: z.array(keyProposalSchema),
  })
  .meta({ id: 'ProfiledSide' });
export type ProfiledSide = z.infer<typeof profiledSideSchema>;

/** Answer of `POST /api/suggestions`, best proposal first; none where the two sides seem to have nothing in common. */
export const suggestionsSchema = z
  .object({
    proposals: z.array(proposalSchema),
    column_pairs: z.array(columnPairSchema),
    left: profiledSideSchema,
    right: profiledSideSchema,
    /** What a person should know: the same file twice, nothing in common, mixed currencies … */
    notes: z.array(noteSchema),
  })
  .meta({ id: 'Suggestions' });
export type Suggestions = z.infer<typeof suggestionsSchema>;

/** Body of `POST /api/recipes/counts`: as a preview, without its rows and much faster, for a rule that is being changed. */
export const recipeCountsRequestSchema = z
  .object({
    recipe: recipeSchema,
    files: z.record(z.string(), z.string()).default({}),
    reading: readingSchema,
  })
  .meta({ id: 'RecipeCountsRequest' });
export const recipeCountsSchema = z
  .object({ counts: countsSchema, ambiguous: ambiguousSchema.nullable(), sampled: z.boolean() })
  .meta({ id: 'RecipeCounts' });
export type RecipeCounts = z.infer<typeof recipeCountsSchema>;
