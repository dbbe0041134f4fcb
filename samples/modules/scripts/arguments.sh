# Prints each argument that it is given on a line of its own, without haste.
for each in "$@"; do
  printf '%s\n' "$each"
  sleep 0.2
done
