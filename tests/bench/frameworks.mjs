// What is compared: each framework's label, package, and the server files with their arguments: one for the plain
// requests and, if it has forms, for these, others for files, sessions, digests and contracts.

import { readFileSync } from 'node:fs';
import { fileFolder } from './file-workloads.mjs';
import { nginxVersion } from './nginx.mjs';

export const frameworks = {
  bare: {
    label: 'node:http',
    server: ['servers/bare.mjs'],
    forms: true,
    files: ['servers/static-bare.mjs', fileFolder],
    sessions: ['servers/session-bare.mjs'],
    digest: ['servers/digest-bare.mjs'],
    contracts: ['servers/contract-bare.mjs'],
  },
  fastify: {
    label: 'Fastify',
    package: 'node_modules/fastify',
    server: ['servers/fastify.mjs'],
    forms: true,
    files: ['servers/static-fastify.mjs', fileFolder],
    sessions: ['servers/session-fastify.mjs'],
    contracts: ['servers/contract-fastify.mjs'],
  },
  hono: {
    label: 'Hono',
    package: 'node_modules/hono',
    server: ['servers/hono.mjs'],
    sessions: ['servers/session-hono.mjs'],
  },
  'hono-iron-session': {
    label: 'Hono, iron-session',
    package: 'node_modules/iron-session',
    sessions: ['servers/session-hono.mjs', '--sealed'],
  },
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
  'http-auth': {
    label: 'http-auth (MD5)',
    package: 'node_modules/http-auth',
    digest: ['servers/digest-http-auth.mjs'],
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
    files: ['dist/obol-static.js', fileFolder],
    startup: ['dist/obol-startup.js'],
    sessions: ['dist/obol-session.js'],
    digest: ['dist/obol-digest.js', 'SHA-256'],
    contracts: ['dist/obol-contract.js'],
  },
  'obol-one-controller': {
    label: 'Obol (one controller)',
    sessions: ['dist/obol-session.js', '--one-controller'],
  },
  'obol-signed': { label: 'Obol (signed)', sessions: ['dist/obol-session.js', '--signed'] },
  'obol-no-sessions': {
    label: 'Obol (no sessions)',
    sessions: ['dist/obol-session.js', '--without'],
    hasNoSession: true,
  },
  'obol-md5': { label: 'Obol (MD5)', digest: ['dist/obol-digest.js', 'MD5'] },
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
