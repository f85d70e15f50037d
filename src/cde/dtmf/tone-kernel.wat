;; The arithmetic of in-band detection that every sample goes through, four samples or four tones at a time. Numbers are of
;; 32 bits, which leaves 120 dB between a sound and what rounding makes of it; G.711 leaves 40.
;;
;; The memory, in bytes. `tone-kernel.ts` has the same places; what stands before 1024 that is not a result is written there.
;;
;;      0  b1, h1, h2, h3, four times each; p, q           of the filter, see `tone-highpass.ts`
;;     96  y[n-1], y[n-2]                                  where the filter is
;;    104  sum, squares of what was filtered last (f64), energy of what came of it (f32)
;;    128  the squares of the strongest row and column of the block transformed last
;;    144  its transform: real parts by tone, then imaginary ones
;;    256  the transform's basis, see `tone-block.ts`
(module
  (memory (export "memory") 1)

  ;; Filters `count` samples (i16, a multiple of four) at `from` into `to` (f32). The two samples before `from` are those that
  ;; came before.
  ;;
  ;;     u[n] = x[n] + b1 x[n-1] + x[n-2]
  ;;     y[n] = u[n] + h1 u[n-1] + h2 u[n-2] + h3 u[n-3] + p[n] y[-1] + q[n] y[-2]        n = 0 ... 3, u[-1] = u[-2] = u[-3] = 0
  (func (export "highpass") (param $from i32) (param $count i32) (param $to i32)
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
      (f64.convert_i32_s
        (i32.add
          (i32.add (i32x4.extract_lane 0 (local.get $sum)) (i32x4.extract_lane 1 (local.get $sum)))
          (i32.add (i32x4.extract_lane 2 (local.get $sum)) (i32x4.extract_lane 3 (local.get $sum))))))
    (f64.store offset=112 (i32.const 0)
      (f64.convert_i64_s
        (i64.add (i64x2.extract_lane 0 (local.get $squares)) (i64x2.extract_lane 1 (local.get $squares)))))
    (f32.store offset=120 (i32.const 0)
      (f32.add
        (f32.add (f32x4.extract_lane 0 (local.get $energy)) (f32x4.extract_lane 1 (local.get $energy)))
        (f32.add (f32x4.extract_lane 2 (local.get $energy)) (f32x4.extract_lane 3 (local.get $energy))))))

  ;; Transforms the 40 samples (f32) at `block` about their middle, which needs half the multiplications, because cosines are
  ;; even and sines are odd:
  ;;
  ;;     X(f) = sum (x[20+i] + x[19-i]) cos(w(i+1/2))  -  j sum (x[20+i] - x[19-i]) sin(w(i+1/2))        i = 0 ... 19
  (func (export "transform") (param $block i32)
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
    (v128.store offset=144 (i32.const 0) (local.get $rowRe))
    (v128.store offset=160 (i32.const 0) (local.get $columnRe))
    (v128.store offset=176 (i32.const 0) (local.get $rowIm))
    (v128.store offset=192 (i32.const 0) (local.get $columnIm))
    (f32.store offset=128 (i32.const 0) (call $strongest (local.get $rowRe) (local.get $rowIm)))
    (f32.store offset=132 (i32.const 0) (call $strongest (local.get $columnRe) (local.get $columnIm))))

  ;; The largest of four squares.
  (func $strongest (param $re v128) (param $im v128) (result f32)
    (local $squares v128)
    (local.set $squares
      (f32x4.add
        (f32x4.mul (local.get $re) (local.get $re))
        (f32x4.mul (local.get $im) (local.get $im))))
    (f32.max
      (f32.max (f32x4.extract_lane 0 (local.get $squares)) (f32x4.extract_lane 1 (local.get $squares)))
      (f32.max (f32x4.extract_lane 2 (local.get $squares)) (f32x4.extract_lane 3 (local.get $squares))))))
