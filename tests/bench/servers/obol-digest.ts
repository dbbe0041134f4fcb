// Obol with digest authentication; the argument is the algorithm.

import { randomBytes } from 'node:crypto';
import { bootstrap, Controller, Get, reply, type Request } from './obol-package.js';
import { CheckDigest, digest, hexdigest, PasswordMap } from '../../../dist/features/auth/index.js';
import { serve } from '../serve.mjs';
import { digestUser, nonceLifetime, plainText } from '../workloads.mjs';

const { realm, name, password } = digestUser;
const algorithm = process.argv[2] === 'MD5' ? 'MD5' : 'SHA-256';
const passwords = new PasswordMap();
passwords.set(realm, name, hexdigest(name, realm, password, algorithm));

@Controller()
class PrivateController {
  @Get('/private')
  @CheckDigest(realm)
  private(req: Request) {
    return reply(String(req.user), plainText);
  }
}

await serve(async () => {
  const app = await bootstrap({
    controllers: [PrivateController],
    features: [
      digest({
        secretKey: randomBytes(32),
        authMap: passwords,
        authAlgorithm: algorithm,
        authTimeout: nonceLifetime,
      }),
    ],
    poweredBy: false,
    securityHeaders: false,
  });
  const server = await app.listen({ port: 0, host: '127.0.0.1', signals: false, maxRequestsPerSocket: 0 });
  return server.port;
});
