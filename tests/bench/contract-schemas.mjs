// The schemas of the document that the servers validate, by zod and by arktype, which compiles its own.

import { type } from 'arktype';
import { z } from 'zod';

export const zodPeople = z.object({
  people: z.array(
    z.object({
      id: z.number().int(),
      name: z.string().min(1),
      email: z.string(),
      active: z.boolean(),
      score: z.number(),
      tags: z.array(z.string()),
    }),
  ),
});
export const zodCount = z.object({ people: z.number() });

export const arkPeople = type({
  people: type({
    id: 'number.integer',
    name: 'string > 0',
    email: 'string',
    active: 'boolean',
    score: 'number',
    tags: 'string[]',
  }).array(),
});
export const arkCount = type({ people: 'number' });
