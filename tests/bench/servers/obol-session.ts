// Obol with sealed sessions, in a controller made for each request. With --one-controller it is made once and asks the
// feature; with --signed sessions are signed, and with --without there are none.

import { randomBytes } from 'node:crypto';
import { bootstrap, Controller, Get, reply, type Request } from './obol-package.js';
import { Session, sessions } from '../../../dist/features/session/index.js';
import { serve } from '../serve.mjs';
import { greeting, plainText, userName } from '../workloads.mjs';

interface Visitor {
  user: string;
  visits: number;
}

const [option] = process.argv.slice(2);
const kind = option === '--signed' ? 'signed' : 'sealed';
const feature = sessions<Visitor>({ kind, keys: [randomBytes(32)] });

@Controller()
class MainController {
  @Get('/text')
  text() {
    return reply(greeting, plainText);
  }
}

@Controller()
class VisitorController {
  constructor(private readonly session: Session<Visitor>) {}

  @Get('/login')
  login() {
    this.session.set('user', userName).set('visits', 0);
    return reply(userName, plainText);
  }

  @Get('/user')
  user() {
    return reply(this.session.get('user') ?? 'nobody', plainText);
  }

  @Get('/visits')
  visits() {
    const visits = (this.session.get('visits') ?? 0) + 1;
    this.session.set('visits', visits);
    return { visits };
  }
}

@Controller()
class OneVisitorController {
  @Get('/login')
  login(req: Request) {
    feature.of(req).set('user', userName).set('visits', 0);
    return reply(userName, plainText);
  }

  @Get('/user')
  user(req: Request) {
    return reply(feature.of(req).get('user') ?? 'nobody', plainText);
  }

  @Get('/visits')
  visits(req: Request) {
    const session = feature.of(req);
    const visits = (session.get('visits') ?? 0) + 1;
    session.set('visits', visits);
    return { visits };
  }
}

const visitors = option === '--one-controller' ? OneVisitorController : VisitorController;
const parts =
  option === '--without'
    ? { controllers: [MainController] }
    : { controllers: [MainController, visitors], features: [feature] };

await serve(async () => {
  const app = await bootstrap({ ...parts, poweredBy: false, securityHeaders: false });
  const server = await app.listen({ port: 0, host: '127.0.0.1', signals: false, maxRequestsPerSocket: 0 });
  return server.port;
});
