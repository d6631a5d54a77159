# SPDX-License-Identifier: MIT
# easy.pl URL... - Perl's WWW::Curl: one handle for all, one after the
# other. The exit status is the last one's error.
use strict;
use warnings;
use WWW::Curl::Easy;

my $error = 0;
my $handle = WWW::Curl::Easy->new;
$handle->setopt(CURLOPT_CAINFO, $ENV{HE_LAB_CA});
$handle->setopt(CURLOPT_TIMEOUT, $ENV{HE_LIMIT});
for my $url (@ARGV) {
  my $body = "";
  open(my $file, ">", \$body) or die $!;
  $handle->setopt(CURLOPT_URL, $url);
  $handle->setopt(CURLOPT_WRITEDATA, $file);
  $error = $handle->perform;
  print STDERR $error, " ", $handle->errbuf, "\n" if $error;
  print $body;
}
exit $error;
