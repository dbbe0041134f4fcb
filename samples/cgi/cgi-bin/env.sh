#!/bin/sh
# What a script is given: NAME=VALUE, a line each. A line end in a value would pass for the end of its line.
printf 'Content-Type: text/plain; charset=utf-8\n\n'
env -0 | sort -z | tr '\n\0' ' \n'
