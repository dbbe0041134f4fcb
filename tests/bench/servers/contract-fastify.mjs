// Fastify 5 with its own validator (Ajv) and serialiser; zod as its validator where that is asked for.

import fastify from 'fastify';
import { serve } from '../serve.mjs';
import { zodPeople } from '../contract-schemas.mjs';

const People = {
  type: 'object',
  required: ['people'],
  properties: {
    people: {
      type: 'array',
      items: {
        type: 'object',
        required: ['id', 'name', 'email', 'active', 'score', 'tags'],
        properties: {
          id: { type: 'integer' },
          name: { type: 'string', minLength: 1 },
          email: { type: 'string' },
          active: { type: 'boolean' },
          score: { type: 'number' },
          tags: { type: 'array', items: { type: 'string' } },
        },
      },
    },
  },
};
const Count = { type: 'object', required: ['people'], properties: { people: { type: 'number' } } };

const app = fastify();
const byZod = {
  schema: { body: zodPeople, response: { 200: Count } },
  validatorCompiler:
    ({ schema }) =>
    (document) => {
      const { success, data, error } = schema.safeParse(document);
      return success ? { value: data } : { error };
    },
};

app.post('/zod', byZod, async ({ body }) => ({ people: body.people.length }));
app.post('/compiled', { schema: { body: People, response: { 200: Count } } }, async ({ body }) => ({
  people: body.people.length,
}));
app.post('/compiled-echo', { schema: { body: People, response: { 200: People } } }, async ({ body }) => body);

await serve(async () => {
  await app.listen({ port: 0, host: '127.0.0.1' });
  return app.server.address().port;
});
