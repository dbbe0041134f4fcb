#!/bin/sh
# A local redirect (RFC 3875 6.2.2): the server answers with what is there, and the client learns nothing of it.
printf 'Location: /cgi-bin/env.sh?from=local.sh\n\n'
