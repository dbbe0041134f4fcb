// What is compared: each framework's label, package, the server files with their arguments, and whether it has forms.

import { readFileSync } from 'node:fs';

export const frameworks = {
  bare: { label: 'node:http', server: ['servers/bare.mjs'], forms: true },
  fastify: {
    label: 'Fastify',
    package: 'node_modules/fastify',
    server: ['servers/fastify.mjs'],
    forms: true,
  },
  hono: { label: 'Hono', package: 'node_modules/hono', server: ['servers/hono.mjs'] },
  h3: { label: 'h3', package: 'node_modules/h3', server: ['servers/h3.mjs'] },
  koa: { label: 'Koa', package: 'node_modules/koa', server: ['servers/koa.mjs'] },
  express: {
    label: 'Express',
    package: 'node_modules/express',
    server: ['servers/express.mjs'],
    forms: true,
  },
  nest: {
    label: 'NestJS',
    package: 'node_modules/@nestjs/core',
    server: ['dist/nest.js'],
    startup: ['dist/nest-startup.js'],
  },
  obol: {
    label: 'Obol',
    package: '../..',
    server: ['dist/obol.js'],
    forms: true,
    startup: ['dist/obol-startup.js'],
  },
  'obol-default-headers': {
    label: 'Obol (default headers)',
    server: ['dist/obol.js', '--default-headers'],
  },
};

/** The label with the version that is installed. */
export function labelOf(name) {
  const { label, package: folder } = frameworks[name];
  if (!folder) return label;
  const manifest = readFileSync(new URL(`${folder}/package.json`, import.meta.url), 'utf8');
  return `${label} ${JSON.parse(manifest).version}`;
}
