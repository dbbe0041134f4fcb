<?php
require 'page.inc';

session_start(['cookie_httponly' => true, 'cookie_samesite' => 'Lax']);
$visits = $_SESSION['visits'] = ($_SESSION['visits'] ?? 0) + 1;
page("Visits: $visits", '<p>The session keeps them, its number is in a cookie.</p>');
