;; The arithmetic of in-band detection that every sample goes through, four samples or four tones at a time. Numbers are of
;; 32 bits, which leaves 120 dB between a sound and what rounding makes of it; G.711 leaves 40.
;;
;; The memory, in bytes. `tone-kernel.ts` has the same places; what is not a result is written by those who know it.
;;
;;      0  b1, h1, h2, h3, four times each; p, q           of the filter, see `tone-highpass.ts`
;;     96  y[n-1], y[n-2]                                  where the filter is
;;    104  squares (f64), sum (i32) of what was filtered last, energy of what came of it (f32)
;;    120  the squares of the strongest row and column of the block transformed last
;;    128  limits (f64), see `tone-screen.ts`
;;    256  the transform's basis, see `tone-block.ts`
;;   4096  the block that was filtered last (f32)
;;   2048  samples that come (i16), and at 11264 the code words of which they are made
;;   4416  what a fit goes by (f64, of the row's tone and of the column's side by side)
;;   4544  what comes out of it: turns by sample, then sizes of cosines and of sines (each 16), parts (32), sizes (16); overlaps, middle
;;  16384  one place of 2112 bytes for each detector
;;
;; A detector's place; a packet goes through all of it but the oldest sound:
;;
;;      0  y[n-1], y[n-2] (f32); x[n-2], x[n-1] (i16)      where the filter is
;;     12  which block is the newest, 0 ... 7
;;     16  where the next sample goes, in bytes
;;     20  for each block, the newest in bit 0: whether with the one before it may hold two tones
;;     24  counts what was added
;;     64  eight blocks: squares (f64), sum (i32) of the sound as it came; energy, strongest row and column (f32) of it filtered
;;    256  their transforms: real parts by tone, then imaginary ones (f32)
;;    768  the last 640 samples as they came (i16)
(module
  (import "math" "sin" (func $sin (param f64) (result f64)))
  (import "math" "cos" (func $cos (param f64) (result f64)))
  (memory (export "memory") 544)

  ;; Takes blocks of 40 samples at `from` in, until one may open the screen. What stands in the four bytes before `from` is overwritten.
  ;; Returns how many it has taken, as a negative number when the last of them may open it.
  (func (export "take") (param $place i32) (param $from i32) (param $blocks i32) (result i32)
    (local $taken i32) (local $at i32) (local $to i32) (local $state v128) (local $newest i32) (local $block i32) (local $spectrum i32)
    (local $energy f32) (local $most f64) (local $mostBefore f64) (local $sum f64) (local $raw f64)
    (loop $next
      (local.set $taken (i32.add (local.get $taken) (i32.const 1)))
      ;; The sound as it came.
      (local.set $at (i32.load offset=16 (local.get $place)))
      (local.set $to (i32.add (local.get $place) (local.get $at)))
      (v128.store offset=768 (local.get $to) (v128.load offset=0 (local.get $from)))
      (v128.store offset=784 (local.get $to) (v128.load offset=16 (local.get $from)))
      (v128.store offset=800 (local.get $to) (v128.load offset=32 (local.get $from)))
      (v128.store offset=816 (local.get $to) (v128.load offset=48 (local.get $from)))
      (v128.store offset=832 (local.get $to) (v128.load offset=64 (local.get $from)))
      (local.set $at (i32.add (local.get $at) (i32.const 80)))
      (i32.store offset=16 (local.get $place)
        (select (i32.const 0) (local.get $at) (i32.eq (local.get $at) (i32.const 1280))))
      (i32.store offset=24 (local.get $place) (i32.add (i32.load offset=24 (local.get $place)) (i32.const 1)))
      ;; Filtered.
      (i32.store (i32.sub (local.get $from) (i32.const 4)) (i32.load offset=8 (local.get $place)))
      (i64.store offset=96 (i32.const 0) (i64.load (local.get $place)))
      (call $highpass (local.get $from) (i32.const 40) (i32.const 4096))
      (local.set $from (i32.add (local.get $from) (i32.const 80)))
      (i32.store offset=8 (local.get $place) (i32.load (i32.sub (local.get $from) (i32.const 4))))
      ;; What is left of a sound long gone would go on shrinking into denormal numbers, which are slow.
      (local.set $state (v128.load64_zero offset=96 (i32.const 0)))
      (v128.store64_lane offset=0 0
        (local.get $place)
        (v128.andnot
          (local.get $state)
          (f32x4.lt (f32x4.abs (local.get $state)) (v128.const f32x4 1e-9 1e-9 1e-9 1e-9))))
      ;; The figures of the block before are at `block`, until those of this one are.
      (local.set $newest (i32.load offset=12 (local.get $place)))
      (local.set $block (call $figures (local.get $place) (local.get $newest)))
      (local.set $mostBefore (call $mostOf (local.get $block)))
      (local.set $raw
        (f64.add
          (f64.load offset=104 (i32.const 0))
          (f64.load (local.get $block))))
      (local.set $sum
        (f64.add
          (f64.convert_i32_s (i32.load offset=112 (i32.const 0)))
          (f64.convert_i32_s (i32.load offset=8 (local.get $block)))))
      (local.set $raw
        (f64.sub (local.get $raw) (f64.div (f64.mul (local.get $sum) (local.get $sum)) (f64.const 80))))
      (local.set $newest (i32.and (i32.add (local.get $newest) (i32.const 1)) (i32.const 7)))
      (i32.store offset=12 (local.get $place) (local.get $newest))
      (local.set $block (call $figures (local.get $place) (local.get $newest)))
      (local.set $spectrum (i32.add (local.get $place) (i32.add (i32.const 256) (i32.shl (local.get $newest) (i32.const 6)))))
      (v128.store (local.get $block) (v128.load offset=104 (i32.const 0)))
      (local.set $energy (f32.load offset=116 (i32.const 0)))
      (if (f64.lt (f64.promote_f32 (local.get $energy)) (f64.load offset=128 (i32.const 0)))
        (then
          (v128.store offset=0 (local.get $spectrum) (v128.const i64x2 0 0))
          (v128.store offset=16 (local.get $spectrum) (v128.const i64x2 0 0))
          (v128.store offset=32 (local.get $spectrum) (v128.const i64x2 0 0))
          (v128.store offset=48 (local.get $spectrum) (v128.const i64x2 0 0))
          (i64.store offset=16 (local.get $block) (i64.const 0)))
        (else
          (call $transform (i32.const 4096) (local.get $spectrum))
          (i64.store offset=16 (local.get $block) (i64.load offset=120 (i32.const 0)))))
      (local.set $most (call $mostOf (local.get $block)))
      ;; Two numbers are no longer in sum than in phase: what two blocks may have in two tones is twice what each of them has.
      (i32.store offset=20 (local.get $place)
        (i32.or
          (i32.shl (i32.load offset=20 (local.get $place)) (i32.const 1))
          (i32.and
            (f64.ge (local.get $raw) (f64.load offset=136 (i32.const 0)))
            (f64.ge
              (f64.mul
                (f64.mul (f64.const 2) (f64.add (local.get $most) (local.get $mostBefore)))
                (f64.load offset=144 (i32.const 0)))
              (f64.mul (f64.load offset=152 (i32.const 0)) (local.get $raw))))))
      ;; And of three blocks three times.
      (if (call $mayOpen (local.get $place) (local.get $newest) (local.get $most) (local.get $mostBefore) (local.get $energy))
        (then (return (i32.sub (i32.const 0) (local.get $taken)))))
      (br_if $next (i32.lt_u (local.get $taken) (local.get $blocks))))
    (local.get $taken))

  ;; Where the figures of a block are.
  (func $figures (param $place i32) (param $block i32) (result i32)
    (i32.add (i32.add (local.get $place) (i32.const 64)) (i32.mul (local.get $block) (i32.const 24))))

  ;; The most that a row and a column have in a block, by its figures.
  (func $mostOf (param $block i32) (result f64)
    (f64.add
      (f64.promote_f32 (f32.load offset=16 (local.get $block)))
      (f64.promote_f32 (f32.load offset=20 (local.get $block)))))

  ;; Whether the last three blocks are loud enough, and rich enough in tones when each is taken by itself.
  (func $mayOpen (param $place i32) (param $newest i32) (param $most f64) (param $mostBefore f64) (param $energy f32) (result i32)
    (local $before i32) (local $first i32) (local $total f64)
    (local.set $before
      (call $figures (local.get $place) (i32.and (i32.sub (local.get $newest) (i32.const 1)) (i32.const 7))))
    (local.set $first
      (call $figures (local.get $place) (i32.and (i32.sub (local.get $newest) (i32.const 2)) (i32.const 7))))
    (local.set $total
      (f64.add
        (f64.add
          (f64.promote_f32 (local.get $energy))
          (f64.promote_f32 (f32.load offset=12 (local.get $before))))
        (f64.promote_f32 (f32.load offset=12 (local.get $first)))))
    (i32.and
      (f64.ge (local.get $total) (f64.load offset=160 (i32.const 0)))
      (f64.gt
        (f64.mul
          (f64.const 3)
          (f64.add (f64.add (local.get $most) (local.get $mostBefore)) (call $mostOf (local.get $first))))
        (f64.mul (f64.load offset=168 (i32.const 0)) (local.get $total)))))

  ;; A size and its sign, a mask of those that are negative.
  (func $signed (param $size v128) (param $negative v128) (result v128)
    (i16x8.sub (v128.xor (local.get $size) (local.get $negative)) (local.get $negative)))

  ;; Decodes `count` code words of G.711, a multiple of 16: µ-law, all bits inverted (ITU-T G.711 table 2).
  (func (export "ulaw") (param $count i32)
    (local $at i32) (local $code v128) (local $sign v128) (local $segment v128) (local $step v128) (local $factor v128)
    (loop $sixteen
      (local.set $code (v128.not (v128.load offset=11264 (local.get $at))))
      (local.set $sign (i8x16.shr_s (local.get $code) (i32.const 7)))
      (local.set $segment (v128.and (i8x16.shr_u (local.get $code) (i32.const 4)) (i8x16.splat (i32.const 7))))
      (local.set $step (v128.and (local.get $code) (i8x16.splat (i32.const 15))))
      (local.set $factor
        (i8x16.swizzle (v128.const i8x16 1 2 4 8 16 32 64 128 0 0 0 0 0 0 0 0) (local.get $segment)))
      (v128.store offset=2048 (i32.shl (local.get $at) (i32.const 1))
        (call $signed
          (i16x8.sub
            (i16x8.mul
              (i16x8.add
                (i16x8.shl (i16x8.extend_low_i8x16_u (local.get $step)) (i32.const 3))
                (i16x8.splat (i32.const 132)))
              (i16x8.extend_low_i8x16_u (local.get $factor)))
            (i16x8.splat (i32.const 132)))
          (i16x8.extend_low_i8x16_s (local.get $sign))))
      (v128.store offset=2064 (i32.shl (local.get $at) (i32.const 1))
        (call $signed
          (i16x8.sub
            (i16x8.mul
              (i16x8.add
                (i16x8.shl (i16x8.extend_high_i8x16_u (local.get $step)) (i32.const 3))
                (i16x8.splat (i32.const 132)))
              (i16x8.extend_high_i8x16_u (local.get $factor)))
            (i16x8.splat (i32.const 132)))
          (i16x8.extend_high_i8x16_s (local.get $sign))))
      (local.set $at (i32.add (local.get $at) (i32.const 16)))
      (br_if $sixteen (i32.lt_u (local.get $at) (local.get $count)))))

  ;; Decodes `count` code words of G.711, a multiple of 16: A-law, every other bit inverted (ITU-T G.711 table 1).
  (func (export "alaw") (param $count i32)
    (local $at i32) (local $code v128) (local $sign v128) (local $segment v128) (local $step v128) (local $factor v128)
    (loop $sixteen
      (local.set $code (v128.xor (v128.load offset=11264 (local.get $at)) (i8x16.splat (i32.const 0x55))))
      (local.set $sign (v128.not (i8x16.shr_s (local.get $code) (i32.const 7))))
      (local.set $segment (v128.and (i8x16.shr_u (local.get $code) (i32.const 4)) (i8x16.splat (i32.const 7))))
      (local.set $step (v128.and (local.get $code) (i8x16.splat (i32.const 15))))
      (local.set $factor
        (i8x16.swizzle (v128.const i8x16 1 1 2 4 8 16 32 64 0 0 0 0 0 0 0 0) (local.get $segment)))
      (v128.store offset=2048 (i32.shl (local.get $at) (i32.const 1))
        (call $signed
          (i16x8.mul
            (i16x8.add
              (i16x8.add
                (i16x8.shl (i16x8.extend_low_i8x16_u (local.get $step)) (i32.const 4))
                (i16x8.splat (i32.const 8)))
              (v128.and
                (i16x8.extend_low_i8x16_s (i8x16.ne (local.get $segment) (v128.const i64x2 0 0)))
                (i16x8.splat (i32.const 256))))
            (i16x8.extend_low_i8x16_u (local.get $factor)))
          (i16x8.extend_low_i8x16_s (local.get $sign))))
      (v128.store offset=2064 (i32.shl (local.get $at) (i32.const 1))
        (call $signed
          (i16x8.mul
            (i16x8.add
              (i16x8.add
                (i16x8.shl (i16x8.extend_high_i8x16_u (local.get $step)) (i32.const 4))
                (i16x8.splat (i32.const 8)))
              (v128.and
                (i16x8.extend_high_i8x16_s (i8x16.ne (local.get $segment) (v128.const i64x2 0 0)))
                (i16x8.splat (i32.const 256))))
            (i16x8.extend_high_i8x16_u (local.get $factor)))
          (i16x8.extend_high_i8x16_s (local.get $sign))))
      (local.set $at (i32.add (local.get $at) (i32.const 16)))
      (br_if $sixteen (i32.lt_u (local.get $at) (local.get $count)))))

  ;; Filters `count` samples (i16, a multiple of four) at `from` into `to` (f32). The two samples before `from` are those that
  ;; came before.
  ;;
  ;;     u[n] = x[n] + b1 x[n-1] + x[n-2]
  ;;     y[n] = u[n] + h1 u[n-1] + h2 u[n-2] + h3 u[n-3] + p[n] y[-1] + q[n] y[-2]        n = 0 ... 3, u[-1] = u[-2] = u[-3] = 0
  (func $highpass (export "highpass") (param $from i32) (param $count i32) (param $to i32)
    (local $end i32) (local $none v128)
    (local $b1 v128) (local $h1 v128) (local $h2 v128) (local $h3 v128) (local $p v128) (local $q v128)
    (local $x v128) (local $u v128) (local $y v128) (local $y1 v128) (local $y2 v128)
    (local $sum v128) (local $squares v128) (local $energy v128)
    (local.set $b1 (v128.load offset=0 (i32.const 0)))
    (local.set $h1 (v128.load offset=16 (i32.const 0)))
    (local.set $h2 (v128.load offset=32 (i32.const 0)))
    (local.set $h3 (v128.load offset=48 (i32.const 0)))
    (local.set $p (v128.load offset=64 (i32.const 0)))
    (local.set $q (v128.load offset=80 (i32.const 0)))
    (local.set $y1 (v128.load32_splat offset=96 (i32.const 0)))
    (local.set $y2 (v128.load32_splat offset=100 (i32.const 0)))
    (local.set $end (i32.add (local.get $from) (i32.shl (local.get $count) (i32.const 1))))
    (loop $four
      (local.set $x (v128.load16x4_s (local.get $from)))
      (local.set $u
        (f32x4.add
          (f32x4.add
            (f32x4.convert_i32x4_s (local.get $x))
            (f32x4.mul
              (local.get $b1)
              (f32x4.convert_i32x4_s (v128.load16x4_s (i32.sub (local.get $from) (i32.const 2))))))
          (f32x4.convert_i32x4_s (v128.load16x4_s (i32.sub (local.get $from) (i32.const 4))))))
      (local.set $y
        (f32x4.add
          (f32x4.add
            (f32x4.add
              (local.get $u)
              (f32x4.mul
                (local.get $h1)
                (i8x16.shuffle 0 1 2 3 16 17 18 19 20 21 22 23 24 25 26 27 (local.get $none) (local.get $u))))
            (f32x4.add
              (f32x4.mul
                (local.get $h2)
                (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (local.get $none) (local.get $u)))
              (f32x4.mul
                (local.get $h3)
                (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 16 17 18 19 (local.get $none) (local.get $u)))))
          (f32x4.add
            (f32x4.mul (local.get $p) (local.get $y1))
            (f32x4.mul (local.get $q) (local.get $y2)))))
      (v128.store (local.get $to) (local.get $y))
      (local.set $y1 (i8x16.shuffle 12 13 14 15 12 13 14 15 12 13 14 15 12 13 14 15 (local.get $y) (local.get $y)))
      (local.set $y2 (i8x16.shuffle 8 9 10 11 8 9 10 11 8 9 10 11 8 9 10 11 (local.get $y) (local.get $y)))
      (local.set $sum (i32x4.add (local.get $sum) (local.get $x)))
      (local.set $squares
        (i64x2.add
          (local.get $squares)
          (i64x2.add
            (i64x2.extmul_low_i32x4_s (local.get $x) (local.get $x))
            (i64x2.extmul_high_i32x4_s (local.get $x) (local.get $x)))))
      (local.set $energy (f32x4.add (local.get $energy) (f32x4.mul (local.get $y) (local.get $y))))
      (local.set $to (i32.add (local.get $to) (i32.const 16)))
      (local.set $from (i32.add (local.get $from) (i32.const 8)))
      (br_if $four (i32.lt_u (local.get $from) (local.get $end))))
    (f32.store offset=96 (i32.const 0) (f32x4.extract_lane 3 (local.get $y)))
    (f32.store offset=100 (i32.const 0) (f32x4.extract_lane 2 (local.get $y)))
    (f64.store offset=104 (i32.const 0)
      (f64.convert_i64_s
        (i64.add (i64x2.extract_lane 0 (local.get $squares)) (i64x2.extract_lane 1 (local.get $squares)))))
    (i32.store offset=112 (i32.const 0)
      (i32.add
        (i32.add (i32x4.extract_lane 0 (local.get $sum)) (i32x4.extract_lane 1 (local.get $sum)))
        (i32.add (i32x4.extract_lane 2 (local.get $sum)) (i32x4.extract_lane 3 (local.get $sum)))))
    (f32.store offset=116 (i32.const 0)
      (f32.add
        (f32.add (f32x4.extract_lane 0 (local.get $energy)) (f32x4.extract_lane 1 (local.get $energy)))
        (f32.add (f32x4.extract_lane 2 (local.get $energy)) (f32x4.extract_lane 3 (local.get $energy))))))

  ;; Transforms the 40 samples (f32) at `block` into `to`, about their middle, which needs half the multiplications, because cosines are
  ;; even and sines are odd:
  ;;
  ;;     X(f) = sum (x[20+i] + x[19-i]) cos(w(i+1/2))  -  j sum (x[20+i] - x[19-i]) sin(w(i+1/2))        i = 0 ... 19
  (func $transform (export "transform") (param $block i32) (param $to i32)
    (local $right i32) (local $left i32) (local $basis i32)
    (local $a v128) (local $b v128) (local $even v128) (local $odd v128)
    (local $rowRe v128) (local $columnRe v128) (local $rowIm v128) (local $columnIm v128)
    (local.set $right (i32.add (local.get $block) (i32.const 80)))
    (local.set $left (i32.add (local.get $block) (i32.const 76)))
    (local.set $basis (i32.const 256))
    (loop $pair
      (local.set $a (v128.load32_splat (local.get $right)))
      (local.set $b (v128.load32_splat (local.get $left)))
      (local.set $even (f32x4.add (local.get $b) (local.get $a)))
      (local.set $odd (f32x4.sub (local.get $b) (local.get $a)))
      (local.set $rowRe
        (f32x4.add (local.get $rowRe) (f32x4.mul (local.get $even) (v128.load offset=0 (local.get $basis)))))
      (local.set $columnRe
        (f32x4.add (local.get $columnRe) (f32x4.mul (local.get $even) (v128.load offset=16 (local.get $basis)))))
      (local.set $rowIm
        (f32x4.add (local.get $rowIm) (f32x4.mul (local.get $odd) (v128.load offset=32 (local.get $basis)))))
      (local.set $columnIm
        (f32x4.add (local.get $columnIm) (f32x4.mul (local.get $odd) (v128.load offset=48 (local.get $basis)))))
      (local.set $right (i32.add (local.get $right) (i32.const 4)))
      (local.set $left (i32.sub (local.get $left) (i32.const 4)))
      (local.set $basis (i32.add (local.get $basis) (i32.const 64)))
      (br_if $pair (i32.lt_u (local.get $basis) (i32.const 1536))))
    (v128.store offset=0 (local.get $to) (local.get $rowRe))
    (v128.store offset=16 (local.get $to) (local.get $columnRe))
    (v128.store offset=32 (local.get $to) (local.get $rowIm))
    (v128.store offset=48 (local.get $to) (local.get $columnIm))
    ;; The strongest of each four, side by side.
    (local.set $rowRe
      (f32x4.add
        (f32x4.mul (local.get $rowRe) (local.get $rowRe))
        (f32x4.mul (local.get $rowIm) (local.get $rowIm))))
    (local.set $columnRe
      (f32x4.add
        (f32x4.mul (local.get $columnRe) (local.get $columnRe))
        (f32x4.mul (local.get $columnIm) (local.get $columnIm))))
    (local.set $a
      (f32x4.pmax
        (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (local.get $rowRe) (local.get $columnRe))
        (i8x16.shuffle 8 9 10 11 12 13 14 15 24 25 26 27 28 29 30 31 (local.get $rowRe) (local.get $columnRe))))
    (local.set $a
      (f32x4.pmax
        (local.get $a)
        (i8x16.shuffle 4 5 6 7 0 1 2 3 12 13 14 15 8 9 10 11 (local.get $a) (local.get $a))))
    (f32.store offset=120 (i32.const 0) (f32x4.extract_lane 0 (local.get $a)))
    (f32.store offset=124 (i32.const 0) (f32x4.extract_lane 2 (local.get $a))))

  ;; Of two tones, by twos of one number for each: their turn in a sample, by cosine (0) and sine (16); where they are, by cosine (32)
  ;; and sine (48).
  ;;
  ;; Adds up `count` pairs of samples (f32), the one at `right` and those after it and the one before it and those before that, times the
  ;; cosines of the tones (64), and times their sines (80).
  (func $correlate (param $right i32) (param $count i32)
    (local $left i32) (local $end i32) (local $a f64) (local $b f64) (local $d v128)
    (local $rc v128) (local $rs v128) (local $c v128) (local $s v128) (local $even v128) (local $odd v128)
    (local.set $rc (v128.load offset=4416 (i32.const 0)))
    (local.set $rs (v128.load offset=4432 (i32.const 0)))
    (local.set $c (v128.load offset=4448 (i32.const 0)))
    (local.set $s (v128.load offset=4464 (i32.const 0)))
    (local.set $left (i32.sub (local.get $right) (i32.const 4)))
    (local.set $end (i32.add (local.get $right) (i32.shl (local.get $count) (i32.const 2))))
    (loop $pair
      (local.set $a (f64.promote_f32 (f32.load (local.get $right))))
      (local.set $b (f64.promote_f32 (f32.load (local.get $left))))
      (local.set $even
        (f64x2.add (local.get $even) (f64x2.mul (f64x2.splat (f64.add (local.get $a) (local.get $b))) (local.get $c))))
      (local.set $odd
        (f64x2.add (local.get $odd) (f64x2.mul (f64x2.splat (f64.sub (local.get $a) (local.get $b))) (local.get $s))))
      (local.set $d
        (f64x2.sub (f64x2.mul (local.get $c) (local.get $rc)) (f64x2.mul (local.get $s) (local.get $rs))))
      (local.set $s
        (f64x2.add (f64x2.mul (local.get $s) (local.get $rc)) (f64x2.mul (local.get $c) (local.get $rs))))
      (local.set $c (local.get $d))
      (local.set $left (i32.sub (local.get $left) (i32.const 4)))
      (local.set $right (i32.add (local.get $right) (i32.const 4)))
      (br_if $pair (i32.lt_u (local.get $right) (local.get $end))))
    (v128.store offset=4480 (i32.const 0) (local.get $even))
    (v128.store offset=4496 (i32.const 0) (local.get $odd)))

  ;; Takes two tones from `count` samples (f32) at `from` and writes what is left (f64) to `left`; here they are by their value (32) and
  ;; that a quarter turn on (48). Goes on with the time (112), the sums of time times what is left times the quarter turn (64), the
  ;; energy and that of what is left (80); says the sums of sound times tones and of tones times tones (96).
  (func $subtract (param $from i32) (param $count i32) (param $left i32)
    (local $end i32) (local $x f64) (local $m f64) (local $r f64) (local $t f64) (local $d v128)
    (local $rc v128) (local $rs v128) (local $p v128) (local $q v128)
    (local $slope v128) (local $energies v128) (local $follows v128)
    (local.set $rc (v128.load offset=4416 (i32.const 0)))
    (local.set $rs (v128.load offset=4432 (i32.const 0)))
    (local.set $p (v128.load offset=4448 (i32.const 0)))
    (local.set $q (v128.load offset=4464 (i32.const 0)))
    (local.set $slope (v128.load offset=4480 (i32.const 0)))
    (local.set $energies (v128.load offset=4496 (i32.const 0)))
    (local.set $t (f64.load offset=4528 (i32.const 0)))
    (local.set $end (i32.add (local.get $from) (i32.shl (local.get $count) (i32.const 2))))
    (loop $one
      (local.set $x (f64.promote_f32 (f32.load (local.get $from))))
      (local.set $m (f64.add (f64x2.extract_lane 0 (local.get $p)) (f64x2.extract_lane 1 (local.get $p))))
      (local.set $r (f64.sub (local.get $x) (local.get $m)))
      (f64.store (local.get $left) (local.get $r))
      (local.set $d (f64x2.replace_lane 1 (f64x2.splat (local.get $x)) (local.get $r)))
      (local.set $energies (f64x2.add (local.get $energies) (f64x2.mul (local.get $d) (local.get $d))))
      (local.set $d (f64x2.replace_lane 1 (f64x2.splat (local.get $x)) (local.get $m)))
      (local.set $follows (f64x2.add (local.get $follows) (f64x2.mul (local.get $d) (f64x2.splat (local.get $m)))))
      (local.set $slope
        (f64x2.add
          (local.get $slope)
          (f64x2.mul (f64x2.splat (f64.mul (local.get $t) (local.get $r))) (local.get $q))))
      (local.set $d
        (f64x2.add (f64x2.mul (local.get $p) (local.get $rc)) (f64x2.mul (local.get $q) (local.get $rs))))
      (local.set $q
        (f64x2.sub (f64x2.mul (local.get $q) (local.get $rc)) (f64x2.mul (local.get $p) (local.get $rs))))
      (local.set $p (local.get $d))
      (local.set $t (f64.add (local.get $t) (f64.const 1)))
      (local.set $left (i32.add (local.get $left) (i32.const 8)))
      (local.set $from (i32.add (local.get $from) (i32.const 4)))
      (br_if $one (i32.lt_u (local.get $from) (local.get $end))))
    (v128.store offset=4448 (i32.const 0) (local.get $p))
    (v128.store offset=4464 (i32.const 0) (local.get $q))
    (v128.store offset=4480 (i32.const 0) (local.get $slope))
    (v128.store offset=4496 (i32.const 0) (local.get $energies))
    (v128.store offset=4512 (i32.const 0) (local.get $follows))
    (f64.store offset=4528 (i32.const 0) (local.get $t)))

  ;; The least-squares fit of `tone-fit.ts`: `count` samples (f32), an even number, at `from`, refined so often.
  (func (export "fit") (param $from i32) (param $count i32) (param $refinements i32)
    (f64.store offset=4672 (i32.const 0)
      (f64.add
        (f64.convert_i32_s (i32.shr_s (i32.sub (local.get $from) (i32.const 8192)) (i32.const 2)))
        (f64.div (f64.convert_i32_s (i32.sub (local.get $count) (i32.const 1))) (f64.const 2))))
    (call $amplitudes (local.get $from) (local.get $count))
    (call $takeAway (local.get $from) (local.get $count))
    (block $over
      (loop $again
        (br_if $over (i32.eqz (local.get $refinements)))
        (local.set $refinements (i32.sub (local.get $refinements) (i32.const 1)))
        ;; What leaves more than this share of the energy is no pair of tones.
        (br_if $over (i32.eqz (f64.lt (f64.load offset=4504 (i32.const 0)) (f64.mul (f64.const 0.45) (f64.load offset=4496 (i32.const 0))))))
        ;; What turns no tone further than this from end to end would take away less than 1 % of the energy.
        (br_if $over (f64.lt (call $refine (local.get $count)) (f64.const 0.3)))
        (call $amplitudes (local.get $from) (local.get $count))
        (call $takeAway (local.get $from) (local.get $count))
        (br $again)))
    (v128.store offset=4624 (i32.const 0) (f64x2.sqrt (call $powers))))

  ;; Of both tones: the squares of cosine and sine.
  (func $powers (result v128)
    (f64x2.add
      (f64x2.mul (v128.load offset=4560 (i32.const 0)) (v128.load offset=4560 (i32.const 0)))
      (f64x2.mul (v128.load offset=4576 (i32.const 0)) (v128.load offset=4576 (i32.const 0)))))

  ;; Tone 0 or 8 is at an angle, and turns on from there.
  (func $stand (param $tone i32) (param $angle f64)
    (f64.store offset=4416 (local.get $tone) (call $cos (f64.load offset=4544 (local.get $tone))))
    (f64.store offset=4432 (local.get $tone) (call $sin (f64.load offset=4544 (local.get $tone))))
    (f64.store offset=4448 (local.get $tone) (call $cos (local.get $angle)))
    (f64.store offset=4464 (local.get $tone) (call $sin (local.get $angle))))

  (func $amplitudes (param $from i32) (param $count i32)
    (local $w1 f64) (local $w2 f64) (local $half i32)
    (local.set $w1 (f64.load offset=4544 (i32.const 0)))
    (local.set $w2 (f64.load offset=4552 (i32.const 0)))
    (local.set $half (i32.shr_u (local.get $count) (i32.const 1)))
    (call $stand (i32.const 0) (f64.div (local.get $w1) (f64.const 2)))
    (call $stand (i32.const 8) (f64.div (local.get $w2) (f64.const 2)))
    (call $correlate (i32.add (local.get $from) (i32.shl (local.get $half) (i32.const 2))) (local.get $half))
    (f64.store offset=4640 (i32.const 0) (call $comb (f64.sub (local.get $w1) (local.get $w2)) (local.get $count)))
    (f64.store offset=4648 (i32.const 0) (call $comb (f64.add (local.get $w1) (local.get $w2)) (local.get $count)))
    (f64.store offset=4656 (i32.const 0) (call $comb (f64.mul (f64.const 2) (local.get $w1)) (local.get $count)))
    (f64.store offset=4664 (i32.const 0) (call $comb (f64.mul (f64.const 2) (local.get $w2)) (local.get $count)))
    (call $solve (i32.const 4560) (i32.const 4480) (f64.const 1) (f64.convert_i32_s (local.get $count)))
    (call $solve (i32.const 4576) (i32.const 4496) (f64.const -1) (f64.convert_i32_s (local.get $count))))

  ;; Sum of cos(theta t) over `count` samples about their middle.
  (func $comb (param $theta f64) (param $count i32) (result f64)
    (local $below f64)
    (local.set $below (call $sin (f64.div (local.get $theta) (f64.const 2))))
    (if (result f64) (f64.lt (f64.abs (local.get $below)) (f64.const 1e-9))
      (then (f64.convert_i32_s (local.get $count)))
      (else
        (f64.div
          (call $sin (f64.div (f64.mul (f64.convert_i32_s (local.get $count)) (local.get $theta)) (f64.const 2)))
          (local.get $below)))))

  ;; Solves for the cosines (`sign` 1) or the sines (-1) of both tones, by their sums at `sums`.
  (func $solve (param $into i32) (param $sums i32) (param $sign f64) (param $count f64)
    (local $x1 f64) (local $x2 f64) (local $g11 f64) (local $g22 f64) (local $g12 f64) (local $determinant f64)
    (local.set $x1 (f64.load offset=0 (local.get $sums)))
    (local.set $x2 (f64.load offset=8 (local.get $sums)))
    (local.set $g11
      (f64.div (f64.add (local.get $count) (f64.mul (local.get $sign) (f64.load offset=4656 (i32.const 0)))) (f64.const 2)))
    (local.set $g22
      (f64.div (f64.add (local.get $count) (f64.mul (local.get $sign) (f64.load offset=4664 (i32.const 0)))) (f64.const 2)))
    (local.set $g12
      (f64.div
        (f64.add (f64.load offset=4640 (i32.const 0)) (f64.mul (local.get $sign) (f64.load offset=4648 (i32.const 0))))
        (f64.const 2)))
    (local.set $determinant
      (f64.sub (f64.mul (local.get $g11) (local.get $g22)) (f64.mul (local.get $g12) (local.get $g12))))
    (f64.store offset=0 (local.get $into)
      (f64.div
        (f64.sub (f64.mul (local.get $x1) (local.get $g22)) (f64.mul (local.get $x2) (local.get $g12)))
        (local.get $determinant)))
    (f64.store offset=8 (local.get $into)
      (f64.div
        (f64.sub (f64.mul (local.get $x2) (local.get $g11)) (f64.mul (local.get $x1) (local.get $g12)))
        (local.get $determinant))))

  ;; Takes the fitted tones from the sound; how well each quarter follows them goes to the parts.
  (func $takeAway (param $from i32) (param $count i32)
    (local $part i32) (local $at i32) (local $end i32) (local $t f64) (local $model f64)
    (local.set $t
      (f64.div (f64.neg (f64.convert_i32_s (i32.sub (local.get $count) (i32.const 1)))) (f64.const 2)))
    (call $model (i32.const 0) (local.get $t))
    (call $model (i32.const 8) (local.get $t))
    (v128.store offset=4480 (i32.const 0) (v128.const i64x2 0 0))
    (v128.store offset=4496 (i32.const 0) (v128.const i64x2 0 0))
    (f64.store offset=4528 (i32.const 0) (local.get $t))
    (loop $quarter
      (local.set $end
        (i32.shr_u
          (i32.add (i32.mul (i32.add (local.get $part) (i32.const 1)) (local.get $count)) (i32.const 2))
          (i32.const 2)))
      (call $subtract
        (i32.add (local.get $from) (i32.shl (local.get $at) (i32.const 2)))
        (i32.sub (local.get $end) (local.get $at))
        (i32.add (i32.const 13824) (i32.shl (local.get $at) (i32.const 3))))
      (local.set $at (local.get $end))
      (local.set $model (f64.load offset=4520 (i32.const 0)))
      (f64.store offset=4592 (i32.shl (local.get $part) (i32.const 3))
        (if (result f64) (f64.gt (local.get $model) (f64.const 0))
          (then (f64.div (f64.load offset=4512 (i32.const 0)) (local.get $model)))
          (else (f64.const 0))))
      (local.set $part (i32.add (local.get $part) (i32.const 1)))
      (br_if $quarter (i32.lt_u (local.get $part) (i32.const 4)))))

  ;; Tone 0 or 8 at time `t`: its value, and a quarter turn on, which is its change by frequency over t.
  (func $model (param $tone i32) (param $t f64)
    (local $c f64) (local $s f64) (local $cos f64) (local $sin f64)
    (local.set $c (f64.load offset=4560 (local.get $tone)))
    (local.set $s (f64.load offset=4576 (local.get $tone)))
    (local.set $cos (call $cos (f64.mul (f64.load offset=4544 (local.get $tone)) (local.get $t))))
    (local.set $sin (call $sin (f64.mul (f64.load offset=4544 (local.get $tone)) (local.get $t))))
    (f64.store offset=4448 (local.get $tone)
      (f64.add (f64.mul (local.get $c) (local.get $cos)) (f64.mul (local.get $s) (local.get $sin))))
    (f64.store offset=4464 (local.get $tone)
      (f64.sub (f64.mul (local.get $s) (local.get $cos)) (f64.mul (local.get $c) (local.get $sin)))))

  ;; Turns both tones towards what is left. Says how far the one that it turned further, from end to end in radians.
  (func $refine (param $count i32) (result f64)
    (local $tone i32) (local $n f64) (local $spread f64) (local $power f64) (local $turn f64) (local $furthest f64)
    (local.set $n (f64.convert_i32_s (local.get $count)))
    ;; Sum of t squared over the stretch; half of it falls to a sine's square.
    (local.set $spread
      (f64.div
        (f64.mul (local.get $n) (f64.sub (f64.mul (local.get $n) (local.get $n)) (f64.const 1)))
        (f64.const 24)))
    (loop $each
      (local.set $power
        (f64.add
          (f64.mul (f64.load offset=4560 (local.get $tone)) (f64.load offset=4560 (local.get $tone)))
          (f64.mul (f64.load offset=4576 (local.get $tone)) (f64.load offset=4576 (local.get $tone)))))
      (if (f64.ne (local.get $power) (f64.const 0))
        (then
          ;; A step further than the main lobe is wide leads astray.
          (local.set $turn
            (f64.max
              (f64.const -3)
              (f64.min
                (f64.const 3)
                (f64.mul
                  (f64.div
                    (f64.load offset=4480 (local.get $tone))
                    (f64.mul (local.get $power) (local.get $spread)))
                  (local.get $n)))))
          (f64.store offset=4544 (local.get $tone)
            (f64.add (f64.load offset=4544 (local.get $tone)) (f64.div (local.get $turn) (local.get $n))))
          (local.set $furthest (f64.max (local.get $furthest) (f64.abs (local.get $turn))))))
      (local.set $tone (i32.add (local.get $tone) (i32.const 8)))
      (br_if $each (i32.eq (local.get $tone) (i32.const 8))))
    (local.get $furthest))

  ;; Goes back from the sample (f32) before `latest` to that at `earliest`, with the tones that were fitted last, and says where the sum
  ;; of m (2x - m) is largest, `latest` if it is nowhere positive. Gives up when that has fallen by what the tones have in 10 ms.
  (func (export "start") (param $earliest i32) (param $latest i32) (result i32)
    (local $at i32) (local $start i32) (local $m f64) (local $sum f64) (local $best f64) (local $hopeless f64) (local $t f64) (local $d v128)
    (local $rc v128) (local $rs v128) (local $c v128) (local $s v128) (local $a v128) (local $b v128) (local $u v128) (local $v v128)
    (local.set $t
      (f64.sub
        (f64.convert_i32_s (i32.sub (i32.shr_s (i32.sub (local.get $latest) (i32.const 8192)) (i32.const 2)) (i32.const 1)))
        (f64.load offset=4672 (i32.const 0))))
    (call $stand (i32.const 0) (f64.mul (f64.load offset=4544 (i32.const 0)) (local.get $t)))
    (call $stand (i32.const 8) (f64.mul (f64.load offset=4552 (i32.const 0)) (local.get $t)))
    (local.set $rc (v128.load offset=4416 (i32.const 0)))
    (local.set $rs (v128.load offset=4432 (i32.const 0)))
    (local.set $c (v128.load offset=4448 (i32.const 0)))
    (local.set $s (v128.load offset=4464 (i32.const 0)))
    (local.set $a (v128.load offset=4560 (i32.const 0)))
    (local.set $b (v128.load offset=4576 (i32.const 0)))
    (local.set $d (v128.load offset=4624 (i32.const 0)))
    (local.set $d (f64x2.mul (local.get $d) (local.get $d)))
    (local.set $hopeless
      (f64.mul
        (f64.const 80)
        (f64.div (f64.add (f64x2.extract_lane 0 (local.get $d)) (f64x2.extract_lane 1 (local.get $d))) (f64.const 2))))
    (local.set $start (local.get $latest))
    (local.set $at (local.get $latest))
    (block $over
      (loop $one
        (local.set $at (i32.sub (local.get $at) (i32.const 4)))
        (br_if $over (i32.lt_s (local.get $at) (local.get $earliest)))
        (local.set $u (f64x2.mul (local.get $a) (local.get $c)))
        (local.set $v (f64x2.mul (local.get $b) (local.get $s)))
        (local.set $m
          (f64.add
            (f64.add
              (f64.add (f64x2.extract_lane 0 (local.get $u)) (f64x2.extract_lane 0 (local.get $v)))
              (f64x2.extract_lane 1 (local.get $u)))
            (f64x2.extract_lane 1 (local.get $v))))
        (local.set $sum
          (f64.add
            (local.get $sum)
            (f64.mul
              (local.get $m)
              (f64.sub (f64.mul (f64.const 2) (f64.promote_f32 (f32.load (local.get $at)))) (local.get $m)))))
        (if (f64.gt (local.get $sum) (local.get $best))
          (then
            (local.set $best (local.get $sum))
            (local.set $start (local.get $at)))
          (else (br_if $over (f64.gt (f64.sub (local.get $best) (local.get $sum)) (local.get $hopeless)))))
        (local.set $d
          (f64x2.add (f64x2.mul (local.get $c) (local.get $rc)) (f64x2.mul (local.get $s) (local.get $rs))))
        (local.set $s
          (f64x2.sub (f64x2.mul (local.get $s) (local.get $rc)) (f64x2.mul (local.get $c) (local.get $rs))))
        (local.set $c (local.get $d))
        (br $one)))
    (local.get $start))

  ;; Puts the last `count` samples (i16) of a place one after another, up to `end`.
  (func (export "unroll") (param $place i32) (param $count i32) (param $end i32)
    (local $from i32) (local $last i32) (local $to i32)
    (local.set $last (i32.add (local.get $place) (i32.const 2048)))
    (local.set $to (i32.sub (local.get $end) (i32.shl (local.get $count) (i32.const 1))))
    (local.set $from
      (i32.sub
        (i32.add (i32.add (local.get $place) (i32.const 768)) (i32.load offset=16 (local.get $place)))
        (i32.shl (local.get $count) (i32.const 1))))
    (if (i32.lt_u (local.get $from) (i32.add (local.get $place) (i32.const 768)))
      (then (local.set $from (i32.add (local.get $from) (i32.const 1280)))))
    (loop $one
      (i32.store16 (local.get $to) (i32.load16_u (local.get $from)))
      (local.set $to (i32.add (local.get $to) (i32.const 2)))
      (local.set $from (i32.add (local.get $from) (i32.const 2)))
      (if (i32.eq (local.get $from) (local.get $last))
        (then (local.set $from (i32.add (local.get $place) (i32.const 768)))))
      (br_if $one (i32.lt_u (local.get $to) (local.get $end))))))
