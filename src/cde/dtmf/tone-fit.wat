;; The fit of `tone-fit.ts` to the filtered sound at 8192 of the tone kernel's memory. Numbers are of 64 bits, and by twos: the row's
;; tone, the column's.
;;
;;   4416  how far they turn in a sample, by cosine and by sine; where they are by cosine and sine, or by value and a quarter turn on
;;   4480  sound times cosines and times sines; or time times what is left times the quarter turn, and energy, that of what is left
;;   4512  sound times tones, tones times tones; time
;;   4544  radians a sample; sizes of the cosines, of the sines; how well each quarter of the stretch follows; sizes of the tones
;;   4640  what the tones have in common: of their distance, their sum, twice each; the middle of the stretch
;;  13824  what is left, sample by sample
(module
  (import "math" "sin" (func $sin (param f64) (result f64)))
  (import "math" "cos" (func $cos (param f64) (result f64)))
  (import "kernel" "memory" (memory 1))

  ;; Adds up `count` pairs of samples (f32), the one at `right` and those after it and the one before it and those before that, times the
  ;; cosines of the tones, and times their sines.
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

  ;; Takes the tones from `count` samples (f32) at `from`, writes what is left (f64) to `left`, and goes on with time and sums.
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
    (v128.store offset=4624 (i32.const 0)
      (f64x2.sqrt
        (f64x2.add
          (f64x2.mul (v128.load offset=4560 (i32.const 0)) (v128.load offset=4560 (i32.const 0)))
          (f64x2.mul (v128.load offset=4576 (i32.const 0)) (v128.load offset=4576 (i32.const 0)))))))

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
    (local.get $start)))
