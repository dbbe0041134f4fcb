#!/bin/sh
# A status of the script's own (RFC 3875 6.3.3).
printf 'Status: 404 Not Found\nContent-Type: text/plain; charset=utf-8\n\n'
echo 'The script says that there is nothing here.'
