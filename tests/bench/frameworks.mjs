// What is compared: each framework's label, package, the server files with their arguments, and whether it has forms.

import { readFileSync } from 'node:fs';
import { fileFolder } from './file-workloads.mjs';
import { nginxVersion } from './nginx.mjs';

export const frameworks = {
  bare: {
    label: 'node:http',
    server: ['servers/bare.mjs'],
    forms: true,
    files: ['servers/static-bare.mjs', fileFolder],
  },
  fastify: {
    label: 'Fastify',
    package: 'node_modules/fastify',
    server: ['servers/fastify.mjs'],
    forms: true,
    files: ['servers/static-fastify.mjs', fileFolder],
  },
  hono: { label: 'Hono', package: 'node_modules/hono', server: ['servers/hono.mjs'] },
  h3: { label: 'h3', package: 'node_modules/h3', server: ['servers/h3.mjs'] },
  koa: { label: 'Koa', package: 'node_modules/koa', server: ['servers/koa.mjs'] },
  express: {
    label: 'Express',
    package: 'node_modules/express',
    server: ['servers/express.mjs'],
    forms: true,
    files: ['servers/static-express.mjs', fileFolder],
  },
  sirv: { label: 'sirv', package: 'node_modules/sirv', files: ['servers/static-sirv.mjs', fileFolder] },
  nginx: { label: 'nginx', version: nginxVersion, files: ['nginx'] },
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
    files: ['dist/obol-static.js', fileFolder],
    startup: ['dist/obol-startup.js'],
  },
  'obol-default-headers': {
    label: 'Obol (default headers)',
    server: ['dist/obol.js', '--default-headers'],
    files: ['dist/obol-static.js', fileFolder, '--default-headers'],
  },
};

/** The label with the version that is installed. */
export function labelOf(name) {
  const { label, package: folder, version } = frameworks[name];
  if (version) return `${label} ${version()}`;
  if (!folder) return label;
  const manifest = readFileSync(new URL(`${folder}/package.json`, import.meta.url), 'utf8');
  return `${label} ${JSON.parse(manifest).version}`;
}
