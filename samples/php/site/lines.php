<?php
header('Content-Type: text/plain; charset=utf-8');
while (ob_get_level() > 0) ob_end_flush();
for ($i = 1; $i <= 3; $i++) {
    echo "line $i\n";
    flush();
    usleep(300_000);
}
