<?php
require 'page.inc';

if ($_SERVER['REQUEST_METHOD'] !== 'POST') {
    page('A form', '<form method="post" enctype="multipart/form-data">
<p><label>Name <input name="name" required></label></p>
<p><label>File <input type="file" name="file"></label></p>
<button>Send</button>
</form>');
    exit;
}

$rows = '';
foreach ($_POST as $name => $value) {
    if (is_string($value)) $rows .= '<dt>' . htmlspecialchars($name) . "</dt>\n<dd>" . htmlspecialchars($value) . "</dd>\n";
}
foreach ($_FILES as $name => $file) {
    if (!is_string($file['name']) || $file['error'] !== UPLOAD_ERR_OK) continue;
    $rows .= '<dt>' . htmlspecialchars($name) . "</dt>\n<dd>" . htmlspecialchars($file['name']) . " ({$file['size']} bytes)</dd>\n";
}
page('What was sent', "<dl>\n$rows</dl>\n<p><a href=\"upload.php\">Again</a></p>");
