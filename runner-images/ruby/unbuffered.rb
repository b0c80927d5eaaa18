# Output is seen as it is written, and none is lost when the time is up.
$stdout.sync = true
