/** Where a command finds the proxy, and the socket file behind it. */
export const PROXY = { port: 3128, folder: '/opt/proxy', socket: '/opt/proxy/socket' } as const

/**
 * The program that joins a port of the sandbox's own loopback to the socket file of our proxy, in a process that outlives it once
 * the port is open. What it reads from one side it keeps until the other side took it, and then reads on.
 */
export const forwarder = `
require Socket;
socket(my $door, Socket::PF_INET(), Socket::SOCK_STREAM(), 0) or exit 125;
setsockopt($door, Socket::SOL_SOCKET(), Socket::SO_REUSEADDR(), 1) or exit 125;
bind($door, Socket::sockaddr_in(${PROXY.port}, Socket::INADDR_LOOPBACK())) and listen($door, 128) or exit 125;
my $pid = fork;
exit 125 unless defined $pid;
exit 0 if $pid;
$SIG{PIPE} = 'IGNORE';
my (%at, %other, %kept, %ended);
my $drop = sub {
  my @both = ($_[0], $other{$_[0]});
  close delete $at{$_} for @both;
  delete @other{@both};
  delete @kept{@both};
  delete @ended{@both};
};
my $finish = sub {
  my ($from, $to) = ($_[0], $other{$_[0]});
  return unless $ended{$from} and $kept{$to} eq '';
  if (!$ended{$to}) { shutdown($at{$to}, 1) }
  elsif ($kept{$from} eq '') { $drop->($from) }
};
for (;;) {
  my ($reading, $writing) = ('', '');
  vec($reading, fileno $door, 1) = 1;
  for (keys %at) {
    vec($reading, $_, 1) = 1 unless $ended{$_} or $kept{$other{$_}} ne '';
    vec($writing, $_, 1) = 1 if $kept{$_} ne '';
  }
  select($reading, $writing, undef, undef);
  for my $one (keys %at) {
    if (exists $at{$one} and vec($writing, $one, 1)) {
      my $put = syswrite($at{$one}, $kept{$one});
      if (defined $put) { substr($kept{$one}, 0, $put) = ''; $finish->($other{$one}) }
      elsif (!$!{EAGAIN}) { $drop->($one) }
    }
    if (exists $at{$one} and vec($reading, $one, 1)) {
      my $got = sysread($at{$one}, my $bytes, 65536);
      if ($got) { $kept{$other{$one}} = $bytes }
      elsif (defined $got) { $ended{$one} = 1; $finish->($one) }
      elsif (!$!{EAGAIN}) { $drop->($one) }
    }
  }
  next unless vec($reading, fileno $door, 1) and accept(my $in, $door);
  socket(my $out, Socket::PF_UNIX(), Socket::SOCK_STREAM(), 0) or next;
  connect($out, Socket::sockaddr_un('${PROXY.socket}')) or next;
  $_->blocking(0) for $in, $out;
  my ($a, $b) = (fileno $in, fileno $out);
  @at{$a, $b} = ($in, $out);
  @other{$a, $b} = ($b, $a);
  @kept{$a, $b} = ('', '');
}
`
