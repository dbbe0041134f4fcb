<?php
require 'page.inc';

http_response_code(410);
page('Nothing is here any more', '<p>The script says so.</p>');
