import { z } from 'zod';
import { aliasSchema } from './recipe.ts';
import { connectorInfoSchema } from './worker-api.ts';

/** Bodies of the calls with which the connection of a source is handed to somebody else, by a link that works once. */

/**
 * Which connector the source is for. Needed where no source has that alias yet: what is filled in through the link then makes
 * one. Left out for a source that is saved.
 */
export const handoverInputSchema = z.object({ type: z.string().min(1).optional() }).meta({ id: 'HandoverInput' });

/** The link. It is in this answer only: what is stored of it is a hash. */
export const handoverLinkSchema = z.object({ url: z.string(), expires_at: z.string() }).meta({ id: 'HandoverLink' });
export type HandoverLink = z.infer<typeof handoverLinkSchema>;

export const handoverStates = ['none', 'pending', 'done', 'expired', 'revoked'] as const;

/** What became of the newest link of a source. */
export const handoverStateSchema = z
  .object({
    state: z.enum(handoverStates),
    created_at: z.string().nullable(),
    expires_at: z.string().nullable(),
    /** When it was filled in. */
    done_at: z.string().nullable(),
  })
  .meta({ id: 'HandoverState' });
export type HandoverState = z.infer<typeof handoverStateSchema>;

const token = z.string().min(1).max(200);

/** What the link holds after its `#`. It is a secret: never log it. */
export const handoverTokenSchema = z.object({ token }).meta({ id: 'HandoverToken' });

/** Settings that are filled in through a link. They hold secrets: never log them. */
export const handoverSettingsSchema = z
  .object({ token, config: z.record(z.string(), z.unknown()) })
  .meta({ id: 'HandoverSettings' });

/** All that a link shows: the form of one source. Of stored secrets it holds the names only. */
export const handoverFormSchema = z
  .object({
    alias: aliasSchema,
    connector: connectorInfoSchema,
    config: z.record(z.string(), z.unknown()),
    secrets_set: z.array(z.string()),
    expires_at: z.string(),
  })
  .meta({ id: 'HandoverForm' });
export type HandoverForm = z.infer<typeof handoverFormSchema>;

export const handoverDoneSchema = z.object({ alias: aliasSchema, done_at: z.string() }).meta({ id: 'HandoverDone' });
