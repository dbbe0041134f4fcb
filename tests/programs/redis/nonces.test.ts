/** The uses of nonces in Redis: one memory for all processes, and none for what it may have forgotten. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { NonceStore } from 'obol/auth';
import { redis, redisNonceStore, type Redis, type RedisNonceStoreOptions } from 'obol/redis';
import { collectingLogger } from '../../support/collecting-logger.js';
import { RedisServer } from '../../support/redis.js';
import { describeNonceStore, useAll } from '../../features/auth/digest/nonce-store-contract.js';

const LIFETIME = 300_000;

describe('nonces in Redis', () => {
  let server: RedisServer;
  const connections: Redis[] = [];

  function connection(): Redis {
    const made = redis({ url: server.url });
    made.start({ logger: collectingLogger() });
    connections.push(made);
    return made;
  }

  async function started(options: RedisNonceStoreOptions = {}): Promise<[NonceStore, Redis]> {
    const made = connection();
    const store = redisNonceStore(made, options);
    await store.start?.();
    return [store, made];
  }

  beforeAll(async () => {
    server = await RedisServer.start();
  });

  afterAll(async () => {
    for (const each of connections) each.close();
    await server.kill();
  });

  describeNonceStore('in Redis', async () => [(await started())[0], (await started())[0]]);

  /** Uses a nonce that was issued so many milliseconds ago. */
  function use(store: NonceStore, nonce: string, age = 0): Promise<boolean> {
    const issuedAt = Date.now() - age;
    return Promise.resolve(store.use({ nonce, count: 1, issuedAt, expiresAt: issuedAt + LIFETIME }));
  }

  test('keep no more counts than the window is wide', async () => {
    const [store, made] = await started({ prefix: 'width:' });
    const counts = Array.from({ length: 300 }, (_, i) => i + 1);
    expect((await useAll(store, 'n', counts)).every(Boolean)).toBe(true);
    expect(await made.send('ZCARD', 'width:n')).toBe(64);
  });

  test('are forgotten when no clock takes them any more, and there is one key besides', async () => {
    const [store, made] = await started({ prefix: 'end:' });
    expect(await use(store, 'n')).toBe(true);
    const keys = (await made.send('KEYS', 'end:*')) as string[];
    expect(keys.sort()).toEqual(['end:n', 'end:since']);
    expect(await made.send('PTTL', 'end:n')).toBeGreaterThan(2 * LIFETIME - 5000);
  });

  test('that were issued before it began are refused, and the others are not', async () => {
    const [store] = await started({ prefix: 'since:' });
    expect([await use(store, 'before', 1000), await use(store, 'after')]).toEqual([false, true]);
    const [later] = await started({ prefix: 'since:' });
    expect(await use(later, 'another')).toBe(true);
  });

  test('that it had before its memory was emptied are refused, even where nobody noticed', async () => {
    const [store, made] = await started({ prefix: 'flush:' });
    const issuedAt = Date.now();
    const first = { nonce: 'n', count: 1, issuedAt, expiresAt: issuedAt + LIFETIME };
    expect(await store.use(first)).toBe(true);
    while (Date.now() === issuedAt) await new Promise((resolve) => setImmediate(resolve));
    await made.send('FLUSHALL');
    expect(await store.use(first)).toBe(false);
    expect(await store.use({ ...first, count: 2 })).toBe(false);
    expect(await use(store, 'new')).toBe(true);
  });

  test('that it had as another process are refused, though it kept them: they may be old', async () => {
    const [store, made] = await started({ prefix: 'run:' });
    const issuedAt = Date.now();
    const first = { nonce: 'n', count: 1, issuedAt, expiresAt: issuedAt + LIFETIME };
    expect(await store.use(first)).toBe(true);
    while (Date.now() === issuedAt) await new Promise((resolve) => setImmediate(resolve));
    const [, time] = String(await made.send('GET', 'run:since')).split(' ');
    await made.send('SET', 'run:since', `0123456789abcdef ${time}`);
    expect(await store.use({ ...first, count: 2 })).toBe(false);
    expect(await use(store, 'new')).toBe(true);
  });

  test('are taken by who may not ask Redis what it is', async () => {
    const made = connection();
    await made.send('ACL', 'SETUSER', 'plain', 'on', '>secret', '~*', '+@all', '-info');
    const plain = redis({ url: server.url.replace('//', '//plain:secret@') });
    connections.push(plain);
    const store = redisNonceStore(plain, { prefix: 'plain:' });
    await store.start?.();
    expect(await useAll(store, 'n', [1, 1, 2])).toEqual([true, false, true]);
  });

  test('are refused with 503 while it is away, and its start does not wait for it', async () => {
    const other = await RedisServer.start();
    await other.kill();
    const away = redis({ url: other.url });
    const logger = collectingLogger();
    away.start({ logger });
    const store = redisNonceStore(away);
    await store.start?.();
    await expect(use(store, 'n')).rejects.toMatchObject({ status: 503, headers: { 'Retry-After': '1' } });
    expect(logger.warnings).toHaveLength(1);
    away.close();
  });
});
