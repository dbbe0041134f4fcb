/** A controller with a form, a session and a guard, to be tested alone. */
import { abort, Controller, createGuard, escapeHtml, Get, Post, redirect, type Request } from 'obol';
import { csrfField } from 'obol/csrf';
import { htmlPage } from 'obol/page';
import { Session } from 'obol/session';

/** Lets through who has signed the book before. */
export const Signed = createGuard('Signed', (setup) => {
  const session = setup.resolve(Session<Visit>);
  return () => session.get('name') ?? abort(403, 'Sign the book first');
});

interface Visit {
  readonly name: string;
}

@Controller('/guests', Session)
export class Guestbook {
  constructor(private readonly session: Session<Visit>) {}

  @Get('/')
  page(req: Request) {
    const name = escapeHtml(this.session.get('name') ?? 'you');
    return htmlPage({
      title: 'Guests',
      main: `<p>Hello, ${name}.</p>
<form method="post" enctype="multipart/form-data">
<label>Name <input name="name"></label>
<label>Photo <input type="file" name="photo"></label>
${csrfField(req)}<button>Sign</button>
</form>`,
    });
  }

  @Post('/')
  async sign(req: Request) {
    const name = req.form.getFirst('name') ?? '';
    if (name === '') abort(422, 'Who are you?');
    const photo = req.form.getFile('photo');
    this.session.set('name', photo ? `${name} with ${photo.length} bytes of photo` : name);
    redirect('/guests', { status: 303 });
  }

  @Get('/book')
  @Signed()
  book() {
    return 'The book.';
  }
}
