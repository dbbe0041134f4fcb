/** One application with everything that a controller can use. */
import { bootstrap, Request } from 'obol';
import { digest } from 'obol/auth';
import { sessions } from 'obol/session';
import { HeirsController, MixedController, PeopleController } from './people.ts';
import { PagesController, SessionController } from './pages.ts';
import { CLOCK, Greeter, PoliteGreeter, REQUESTED } from './services.ts';
import { digests, rights } from './users.ts';

const KEY = Buffer.alloc(32, 'a key of the matrix, 32 bytes...').toString('base64url');

export function makeApplication() {
  return bootstrap({
    controllers: [PeopleController, HeirsController, MixedController, PagesController, SessionController],
    providers: [
      { provide: CLOCK, useValue: () => 1000 },
      { provide: Greeter, useClass: PoliteGreeter },
    ],
    requestProviders: [{ provide: REQUESTED, useFactory: (request: Request) => request }],
    features: [
      sessions({ keys: [KEY] }),
      digest({ secretKey: KEY, authMap: digests, authAlgorithm: 'SHA-256' }),
      rights,
    ],
    securityHeaders: false,
  });
}
