// Obol with contracts; below /by-hand the handlers call the schemas themselves, and no route has a contract.

import {
  bootstrap,
  Controller,
  HttpError,
  Post,
  type Contract,
  type Request,
  type Valid,
} from './obol-package.js';
import { type } from 'arktype';
import { serve } from '../serve.mjs';
import { arkCount, arkPeople, zodCount, zodPeople } from '../contract-schemas.mjs';

const byZod = { body: zodPeople, returns: zodCount } satisfies Contract;
const compiled = { body: arkPeople, returns: arkCount } satisfies Contract;
const compiledEcho = { body: arkPeople, returns: arkPeople } satisfies Contract;

@Controller()
class Contracts {
  @Post('/zod', byZod)
  zod(_req: Request, { body }: Valid<typeof byZod>) {
    return { people: body.people.length };
  }

  @Post('/compiled', compiled)
  compiled(_req: Request, { body }: Valid<typeof compiled>) {
    return { people: body.people.length };
  }

  @Post('/compiled-echo', compiledEcho)
  echo(_req: Request, { body }: Valid<typeof compiledEcho>) {
    return body;
  }
}

@Controller('/by-hand')
class ByHand {
  @Post('/zod')
  zod(req: Request) {
    const { success, data } = zodPeople.safeParse(req.json);
    if (!success) throw new HttpError(422);
    return { people: data.people.length };
  }

  @Post('/compiled')
  compiled(req: Request) {
    return { people: people(req).people.length };
  }

  @Post('/compiled-echo')
  echo(req: Request) {
    return people(req);
  }
}

function people(req: Request) {
  const valid = arkPeople(req.json);
  if (valid instanceof type.errors) throw new HttpError(422);
  return valid;
}

await serve(async () => {
  const app = await bootstrap({ controllers: [Contracts, ByHand], poweredBy: false, securityHeaders: false });
  const server = await app.listen({ port: 0, host: '127.0.0.1', signals: false, maxRequestsPerSocket: 0 });
  return server.port;
});
