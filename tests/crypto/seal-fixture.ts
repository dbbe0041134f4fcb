/** Seals one value in this thread and one in a worker, with the same key: run by sealed-codec.test.ts in processes of its own. */
import { once } from 'node:events';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { KeyRing } from '../../src/crypto/key-ring.js';
import { SealedCodec } from '../../src/crypto/sealed-codec.js';

const codec = new SealedCodec(new KeyRing([Buffer.alloc(32, 'key')]), 'test');
const value = codec.encode('text', 'SESSID');

if (isMainThread) {
  const [other] = (await once(new Worker(new URL(import.meta.url)), 'message')) as [string];
  console.log(JSON.stringify([value, other]));
} else parentPort?.postMessage(value);
