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
;;   2048  samples that come (i16)
;;   4096  the block that was filtered last (f32)
;;   4416  of a fit, see `tone-fit.wat`
;;  11264  code words, see `code-words.wat`
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
