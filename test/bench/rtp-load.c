/*
 * Sends and receives RTP for many calls at once, and measures what stands between: the time from send() to the kernel's
 * stamp on arrival, loss, and the processor time that the relay's processes took meanwhile.
 *
 *   rtp-load CALLS-FILE WARM-UP-SECONDS SECONDS PAYLOAD-TYPE KEYS-EVERY-MS SOUND-FILE PID...
 *
 * A line of CALLS-FILE is a call: own port A, own port B, the relay's port for A, the relay's port for B, on 127.0.0.1.
 * Each side sends 160 bytes every 20 ms, at a phase of its own; what A sends is to arrive at B and the other way round.
 * The payload begins with a mark and the time of sending, and goes on as SOUND-FILE does ("-" for noise). With
 * KEYS-EVERY-MS side A presses a key of 100 ms so often (RFC 4733 as type 101: 5 packets, then 3 ends) instead of sound.
 * Prints one line of JSON.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { FRAME = 160, PACKET = 12 + FRAME, SLICE_US = 250, DRAIN_SLICES = 4, KEY_PACKETS = 8, EVENT_TYPE = 101 };
#define MARK 0x746f6e65u
#define FRAME_NS 20000000ull

struct stream {
  int fd, is_a, key_step, key;
  uint16_t sequence;
  uint32_t timestamp, ssrc, key_timestamp;
  uint64_t phase, newest;
  size_t sound_at;
};

struct stamp { uint32_t mark, zero; uint64_t sent_at; };

static struct stream *streams;
static int count, pids[16], pid_count;
static uint64_t window_from, window_to, sent, received, events, back, foreign, keys;
static uint32_t *latencies;
static size_t latency_count, latency_max;

static uint64_t clock_ns(clockid_t id) {
  struct timespec t;
  clock_gettime(id, &t);
  return t.tv_sec * 1000000000ull + t.tv_nsec;
}

/* Run time of all threads of a process (proc(5), schedstat). */
static uint64_t run_ns(int pid) {
  char path[300];
  uint64_t sum = 0;
  snprintf(path, sizeof path, "/proc/%d/task", pid);
  DIR *dir = opendir(path);
  if (!dir) return 0;
  for (struct dirent *entry; (entry = readdir(dir));) {
    unsigned long long ran;
    if (entry->d_name[0] == '.') continue;
    snprintf(path, sizeof path, "/proc/%d/task/%s/schedstat", pid, entry->d_name);
    FILE *file = fopen(path, "r");
    if (!file) continue;
    if (fscanf(file, "%llu", &ran) == 1) sum += ran;
    fclose(file);
  }
  closedir(dir);
  return sum;
}

static uint64_t relays_ns(void) {
  uint64_t sum = 0;
  for (int i = 0; i < pid_count; i++) sum += run_ns(pids[i]);
  return sum;
}

static uint32_t random32(void) {
  static uint64_t state = 0x9e3779b97f4a7c15ull;
  state = state * 6364136223846793005ull + 1442695040888963407ull;
  return state >> 32;
}

static int by_phase(const void *a, const void *b) {
  const struct stream *x = *(struct stream *const *)a, *y = *(struct stream *const *)b;
  return x->phase < y->phase ? -1 : x->phase > y->phase;
}

static int by_size(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return x < y ? -1 : x > y;
}

/* What tells the streams of one run from those of another: the load is always the same, but no key may be one of an earlier run. */
static uint32_t run_mark;

static void open_stream(struct stream *s, int own, int relay, int is_a, int epoll) {
  int on = 1, room = 1 << 18;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(own), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  s->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  setsockopt(s->fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
  setsockopt(s->fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
  if (bind(s->fd, (void *)&address, sizeof address)) { perror("bind"); exit(1); }
  address.sin_port = htons(relay);
  if (connect(s->fd, (void *)&address, sizeof address)) { perror("connect"); exit(1); }
  s->is_a = is_a;
  s->sequence = random32();
  s->timestamp = random32() ^ run_mark;
  s->ssrc = random32() ^ run_mark;
  s->phase = random32() % FRAME_NS;
  s->key_step = -1;
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = s};
  epoll_ctl(epoll, EPOLL_CTL_ADD, s->fd, &event);
}

static void header(uint8_t *p, const struct stream *s, int type, int marker, uint32_t timestamp) {
  uint16_t sequence = htons(s->sequence);
  uint32_t words[2] = {htonl(timestamp), htonl(s->ssrc)};
  p[0] = 0x80;
  p[1] = type | (marker ? 0x80 : 0);
  memcpy(p + 2, &sequence, 2);
  memcpy(p + 4, words, 8);
}

static void send_frame(struct stream *s, int type, int keys_every, const uint8_t *sound, size_t sound_bytes) {
  uint8_t packet[PACKET];
  int length = PACKET, in_window;
  uint64_t now;
  int period = keys_every / 20;
  if (period && s->is_a && s->key_step < 0 && random32() % period == 0) {
    s->key_step = 0;
    s->key_timestamp = s->timestamp;
    s->key = random32() % 10;
    keys++;
  }
  if (s->key_step >= 0) {
    int step = s->key_step++, end = step >= KEY_PACKETS - 3;
    int duration = (step < KEY_PACKETS - 3 ? step + 1 : KEY_PACKETS - 3) * FRAME;
    header(packet, s, EVENT_TYPE, step == 0, s->key_timestamp);
    packet[12] = s->key;
    packet[13] = (end ? 0x80 : 0) | 10;
    packet[14] = duration >> 8;
    packet[15] = duration;
    length = 16;
    if (s->key_step == KEY_PACKETS) s->key_step = -1;
  } else {
    header(packet, s, type, 0, s->timestamp);
    memcpy(packet + 12, sound + s->sound_at, FRAME);
    s->sound_at = (s->sound_at + FRAME) % (sound_bytes - FRAME);
  }
  now = clock_ns(CLOCK_REALTIME);
  in_window = now >= window_from && now < window_to;
  if (length == PACKET) {
    struct stamp stamp = {MARK, 0, now};
    memcpy(packet + 12, &stamp, sizeof stamp);
    sent += in_window;
  } else events += in_window;
  if (send(s->fd, packet, length, 0) < 0 && in_window) foreign++;
  s->sequence++;
  s->timestamp += FRAME;
}

static void take(struct stream *s, const uint8_t *packet, int length, uint64_t arrived) {
  struct stamp stamp;
  if (length < 12 + (int)sizeof stamp) return;
  memcpy(&stamp, packet + 12, sizeof stamp);
  if (stamp.mark != MARK) { foreign++; return; }
  if (stamp.sent_at < s->newest) back++;
  else s->newest = stamp.sent_at;
  if (stamp.sent_at < window_from || stamp.sent_at >= window_to) return;
  received++;
  if (latency_count < latency_max) latencies[latency_count++] = arrived > stamp.sent_at ? arrived - stamp.sent_at : 0;
}

static void receive_all(int epoll) {
  struct epoll_event ready[512];
  uint8_t packet[2048], control[64];
  for (int n; (n = epoll_wait(epoll, ready, 512, 0)) > 0;) {
    for (int i = 0; i < n; i++) {
      /* One a call: a socket seldom has more, and asking it again to learn that would cost as much as the packet. */
      struct stream *s = ready[i].data.ptr;
      struct iovec piece = {packet, sizeof packet};
      struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
      int length = recvmsg(s->fd, &message, 0);
      uint64_t arrived = 0;
      if (length < 0) continue;
      for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
        if (c->cmsg_type != SO_TIMESTAMPNS) continue;
        struct timespec *t = (void *)CMSG_DATA(c);
        arrived = t->tv_sec * 1000000000ull + t->tv_nsec;
      }
      take(s, packet, length, arrived);
    }
    if (n < 512) return;
  }
}

static double percentile(double share) {
  return latency_count ? latencies[(size_t)((latency_count - 1) * share)] / 1000.0 : 0;
}

int main(int argc, char **argv) {
  if (argc < 7) { fprintf(stderr, "see the head of rtp-load.c\n"); return 2; }
  double warm_up = atof(argv[2]), seconds = atof(argv[3]);
  int type = atoi(argv[4]), keys_every = atoi(argv[5]), own_a, own_b, relay_a, relay_b;
  for (int i = 7; i < argc && pid_count < 16; i++) pids[pid_count++] = atoi(argv[i]);
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);

  static uint8_t sound[1 << 22];
  size_t sound_bytes = 0;
  FILE *file = strcmp(argv[6], "-") ? fopen(argv[6], "rb") : NULL;
  if (file) { sound_bytes = fread(sound, 1, sizeof sound, file); fclose(file); }
  if (sound_bytes < 2 * FRAME) for (sound_bytes = 0; sound_bytes < 80000; sound_bytes++) sound[sound_bytes] = 0x60 + random32() % 0xa0;

  FILE *calls = fopen(argv[1], "r");
  if (!calls) { perror(argv[1]); return 2; }
  streams = calloc(16384, sizeof *streams);
  int epoll = epoll_create1(0);
  run_mark = clock_ns(CLOCK_MONOTONIC) / 1000;
  while (count + 2 <= 16384 && fscanf(calls, "%d %d %d %d", &own_a, &own_b, &relay_a, &relay_b) == 4) {
    open_stream(&streams[count++], own_a, relay_a, 1, epoll);
    open_stream(&streams[count++], own_b, relay_b, 0, epoll);
  }
  fclose(calls);
  struct stream **order = malloc(count * sizeof *order);
  for (int i = 0; i < count; i++) {
    order[i] = &streams[i];
    streams[i].sound_at = random32() % (sound_bytes - FRAME);
  }
  qsort(order, count, sizeof *order, by_phase);
  latency_max = (size_t)(count * 50 * (seconds + 1));
  latencies = calloc(latency_max, sizeof *latencies);

  uint64_t start = clock_ns(CLOCK_MONOTONIC) + 10000000, late_max = 0, own_ns = 0, relay_ns = 0, cpu_from = 0, cpu_to = 0;
  uint64_t end = start + (uint64_t)((warm_up + seconds) * 1e9), from = start + (uint64_t)(warm_up * 1e9), round = 0;
  window_from = clock_ns(CLOCK_REALTIME) + (from - clock_ns(CLOCK_MONOTONIC));
  window_to = window_from + (uint64_t)(seconds * 1e9);
  int at = 0, measuring = 0, stopped = 0;
  for (uint64_t slice = 0;; slice++) {
    uint64_t due = start + slice * SLICE_US * 1000ull, now = clock_ns(CLOCK_MONOTONIC);
    if (now < due) {
      struct timespec until = {due / 1000000000ull, due % 1000000000ull};
      clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
      now = clock_ns(CLOCK_MONOTONIC);
    }
    if (!measuring && !stopped && now >= from) { measuring = 1; cpu_from = now; relay_ns = relays_ns(); own_ns = run_ns(getpid()); }
    if (measuring && now >= end) { measuring = 0; stopped = 1; cpu_to = now; relay_ns = relays_ns() - relay_ns; own_ns = run_ns(getpid()) - own_ns; }
    for (uint64_t at_ns; !stopped && (at_ns = start + round * FRAME_NS + order[at]->phase) <= now;) {
      if (measuring && now - at_ns > late_max) late_max = now - at_ns;
      send_frame(order[at], type, keys_every, sound, sound_bytes);
      if (++at == count) { at = 0; round++; }
    }
    if (slice % DRAIN_SLICES == 0 || stopped) receive_all(epoll);
    if (now > end + 400000000ull) break;
  }
  qsort(latencies, latency_count, sizeof *latencies, by_size);
  double forwarded = received + events, elapsed = (cpu_to - cpu_from) / 1e9;
  printf("{\"calls\":%d,\"sent\":%llu,\"received\":%llu,\"events\":%llu,\"keys\":%llu,\"lossPercent\":%.4f,\"outOfOrder\":%llu,\"foreign\":%llu,"
         "\"microsPerPacket\":%.3f,\"corePercent\":%.2f,\"ownMicrosPerPacket\":%.3f,\"p50\":%.1f,\"p99\":%.1f,\"p999\":%.1f,\"max\":%.1f,"
         "\"lateMaxMicros\":%llu}\n",
         count / 2, (unsigned long long)sent, (unsigned long long)received, (unsigned long long)events, (unsigned long long)keys,
         sent ? 100.0 * ((double)sent - received) / sent : 0, (unsigned long long)back, (unsigned long long)foreign,
         forwarded ? relay_ns / 1e3 / forwarded : 0, elapsed > 0 ? relay_ns / 1e7 / elapsed : 0,
         forwarded ? own_ns / 1e3 / forwarded : 0, percentile(.5), percentile(.99), percentile(.999), percentile(1),
         (unsigned long long)late_max / 1000);
  return 0;
}
