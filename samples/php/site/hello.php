<?php
require 'page.inc';

$name = is_string($_GET['name'] ?? null) && $_GET['name'] !== '' ? $_GET['name'] : 'World';
page("Hello, $name!", '<p><a href="./">Back</a></p>');
