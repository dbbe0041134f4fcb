<?php
header('Location: hello.php?name=again', true, 303);
