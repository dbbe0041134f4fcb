/** Two handlers that are asked in turn: what the first does not know, the second may. */
import { Response, type Handler } from 'obol';
import { cascade } from 'obol/composition';
import { htmlPage } from 'obol/page';

/** A handler of one path. Each of its answers sets a cookie, also that nothing is here. */
function knowing(path: string, name: string): Handler {
  return (req) => {
    const isHere = req.path === path;
    const main = isHere ? `<p>The ${name} handler knows this page.</p>` : '<p>Nothing is here.</p>';
    const page = htmlPage({ title: 'In turn', head: '', main: `${main}\n<p><a href="/">Home</a></p>` });
    return new Response(page, { status: isHere ? 200 : 404 }).setCookie(name, '1');
  };
}

/** Of an answer that is not sent no cookie is. */
export const inTurn = cascade([knowing('/a', 'first'), knowing('/b', 'second')]);
