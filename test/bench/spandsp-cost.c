/* What spandsp's detector costs on a recording: cc -O2 -o spandsp-cost spandsp-cost.c -lspandsp -lm
 * Reads 16-bit little-endian 8 kHz samples, prints CPU nanoseconds a sample (least of five rounds, or as many as are asked for) and the keys it heard. */
#include <spandsp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { PACKET = 160, ROUNDS = 5, SAMPLES_MAX = 8000 * 3600 * 4 };

static long heard;

static void on_key(void *user, int code, int level, int delay) {
  (void)user, (void)level, (void)delay;
  if (code != 0) heard++;
}

static double cpu_ns(void) {
  struct timespec at;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
  return at.tv_sec * 1e9 + at.tv_nsec;
}

int main(int argc, char **argv) {
  int rounds = argc > 1 ? atoi(argv[1]) : ROUNDS;
  int16_t *samples = malloc(SAMPLES_MAX * sizeof *samples);
  if (samples == NULL) return 1;
  size_t count = fread(samples, sizeof *samples, SAMPLES_MAX, stdin);
  if (count < PACKET) return 1;
  double least = 1e18;
  for (int round = 0; round < rounds; round++) {
    dtmf_rx_state_t *detector = dtmf_rx_init(NULL, NULL, NULL);
    dtmf_rx_set_realtime_callback(detector, on_key, NULL);
    heard = 0;
    double began = cpu_ns();
    for (size_t at = 0; at + PACKET <= count; at += PACKET) dtmf_rx(detector, samples + at, PACKET);
    double took = (cpu_ns() - began) / count;
    if (took < least) least = took;
    dtmf_rx_free(detector);
  }
  printf("%.2f %ld\n", least, heard);
  return 0;
}
