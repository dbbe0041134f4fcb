/** What issues look like, and what each route takes and gives. */
import type { Contract } from 'obol';
import { fields, file } from 'obol/contract';
import { z } from 'zod';

/** By code points, as JSON Schema counts, too. */
const Title = z
  .string()
  .refine((text) => /^.{1,200}$/su.test(text), 'A title has 1 to 200 characters')
  .meta({ minLength: 1, maxLength: 200 });
const Labels = z.array(z.string().min(1).max(50)).max(10);
const Due = z.iso.date();

export const Comment = z.object({ text: z.string().min(1).max(10_000) }).meta({ id: 'Comment' });

export const Issue = z
  .object({
    id: z.number().int(),
    title: z.string(),
    labels: z.array(z.string()),
    due: z.string().nullable(),
    comments: z.array(Comment),
  })
  .meta({ id: 'Issue' });

export type Issue = z.output<typeof Issue>;

const NewIssue = z
  .strictObject({ title: Title, labels: Labels.optional(), due: Due.optional() })
  .meta({ id: 'NewIssue' });
const Change = z
  .strictObject({
    title: Title.optional(),
    labels: Labels.nullable().optional(),
    due: Due.nullable().optional(),
  })
  .meta({ id: 'Change' });

export const Attachment = z
  .object({
    name: z.string(),
    size: z.number(),
    type: z.string(),
    caption: z.string().nullable(),
  })
  .meta({ id: 'Attachment' });

const Page = z.object({ items: z.array(Issue), next: z.string().nullable() }).meta({ id: 'Issues' });
const MERGE_PATCH = ['application/merge-patch+json', 'application/json'];
const MIB = 1024 * 1024;

export const listIssues = {
  query: z.object({
    limit: z.int().min(1).max(100).default(20),
    label: z.array(z.string()).default([]).describe('Issues that have all of them'),
    after: z.int().min(0).default(0).describe('Issues behind this one'),
  }),
  returns: Page,
} satisfies Contract;

export const findIssues = {
  body: z.strictObject({ text: z.string().max(200) }),
  returns: Page,
} satisfies Contract;
export const addIssue = { body: NewIssue, returns: { 201: Issue } } satisfies Contract;
export const showIssue = { returns: Issue } satisfies Contract;
export const changeIssue = { body: Change, bodyTypes: MERGE_PATCH, returns: Issue } satisfies Contract;
export const addComment = { body: Comment, returns: { 201: Comment } } satisfies Contract;
export const attach = {
  form: fields({
    caption: z.string().max(500).optional(),
    file: file({ types: ['image/png', 'image/jpeg'], size: MIB }),
  }),
  returns: { 201: Attachment },
} satisfies Contract;
