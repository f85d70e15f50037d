# rtpengine as Debian 12 packages it: the version that the test suite runs.
FROM debian:bookworm-20250811-slim
RUN printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d && chmod 755 /usr/sbin/policy-rc.d \
  && apt-get update \
  && apt-get install -y --no-install-recommends rtpengine-daemon=10.5.3.5-1+deb12u1 \
  && rm -rf /var/lib/apt/lists/*
USER nobody
# Nothing but `events` of the gateway hears what customers say; --timeout must be longer than media.lossSeconds.held.
ENTRYPOINT ["rtpengine", "--config-file=none", "--foreground", "--log-stderr", "--log-level=4", "--table=-1", "--pidfile=/tmp/rtpengine.pid", "--timeout=7200", "--silent-timeout=7200", "--poller-per-thread"]
