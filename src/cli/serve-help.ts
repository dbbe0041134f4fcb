/** What `obol serve --help` prints. */

export const SERVE_HELP = `Usage: obol serve [directory] [options]

Serves the files of a directory, by default the one you are in, with an index.html (or index.htm) in place of a
directory that has one, and a listing of it otherwise. Names that begin with a dot are hidden, and links that lead out
of the directory lead nowhere. Ctrl-C ends it.

Where
  -p, --port <port>           default 8000; 0 for any free one, which is printed
  -b, --bind <address>        default 127.0.0.1: this computer only. 0.0.0.0 (or ::) to be reached from elsewhere
      --allow-host <name>     a further name this server may be called by, say behind a tunnel; may be repeated.
                              On this computer only, without --auth and --cors, addresses and localhost are the
                              only names otherwise, so that no web page can read your files by rebinding its own
      --open                  open the browser

What
  -d, --directory <path>      the same as the argument
      --spa                   index.html for pages that are missing, for applications that route in the browser;
                              directories are not listed
      --no-listing            404 for directories without an index file
      --type .md=text/markdown  the content type of files by their ending (none before the = : names without one);
                              may be repeated
      --cgi                   run the scripts in cgi-bin and htbin (CGI/1.1): what is executable there runs for every
                              client, without rights where you are root, and is never sent as a file; forms of other
                              sites do not get there; not on Windows
      --cgi=/sub/dir/cgi-bin  the same, and this path of URLs besides; may be repeated
      --no-compression        send text as it is; by default it is compressed for clients that like that

How
      --header 'Name: value'  on every answer, in place of Obol's own; may be repeated
      --cors                  let the pages of every site read what is served
      --auth <user:password>  ask for them (Basic). Others on this computer can see the arguments of a program: the
                              environment variable OBOL_AUTH does the same and keeps them
      --protocol <version>    HTTP/1.1 (default), or HTTP/1.0: a connection for each request
      --tls-cert <file>       serve https with this certificate (PEM), its chain behind it
      --tls-key <file>        its private key (PEM); default: in the same file
      --tls-password-file <file>  what opens the key, when it is encrypted
  -q, --quiet                 no line for each request

Answers 0 when it was ended, 1 when it could not be done (such as a port in use), 2 when it was asked wrongly.`;
